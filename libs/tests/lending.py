"""Lending: a made-up service of public libraries, on which the shared code is tried out.

Whoever reads it knows how a service is made, in one page: rows, an event, a router, an application.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    Connection,
    DateTime,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from libs.outbox.event import Event
from libs.outbox.tables import (
    create_outbox_tables,
    drop_outbox_tables,
    let_relay_expire,
    outbox_tables,
)
from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import (
    TenantOwned,
    check,
    secure_tenant_table,
    share_for_select,
    tenant_fk,
    tenant_metadata,
)


class Base(DeclarativeBase):
    """Base of the two tables."""

    metadata = tenant_metadata("lending")


outbox_tables(Base.metadata)


class BookNotFound(NotFound):
    """No such book for this library."""

    title = "There is no such book."


class BookAway(Conflict):
    """Every copy is lent."""

    title = "Every copy is lent."


class Library(Base):
    """An entry of a register that belongs to no organization."""

    __tablename__ = "libraries"

    org_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    told_version: Mapped[int]


class Book(TenantOwned, Base):
    """A title that one library owns some copies of."""

    __tablename__ = "books"
    __table_args__ = (
        UniqueConstraint("org_id", "title"),
        check("copies", "copies >= 0"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "lending.book"

    title: Mapped[str] = mapped_column(Text)
    copies: Mapped[int]
    price_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    bought_on: Mapped[date]
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    shelf_id: Mapped[UUID] = mapped_column(Uuid)
    shown_to: Mapped[UUID | None] = mapped_column(Uuid)
    lost_on: Mapped[date | None]

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002
        """Return what can be done with a book now."""
        yield "change"
        if self.copies:
            yield "lend"

    def lend(self) -> None:
        """Give one copy away."""
        if not self.copies:
            raise BookAway("Wait until one comes back.", pointer="/path/book_id")
        self.copies -= 1


class Loan(TenantOwned, Base):
    """A copy that is out; never changed."""

    __tablename__ = "loans"
    __table_args__ = (
        tenant_fk("book_id", "lending.books"),
        Index(None, "org_id", "book_id"),
    )
    noun: ClassVar[str] = "lending.book"

    book_id: Mapped[UUID] = mapped_column(Uuid)


class BookLent(Event):
    """A copy went out; others may wait for it."""

    subject: ClassVar[str] = "lending.book.lent.v1"

    book_id: UUID
    copies: int


def migrate_lending(connection: Connection, *, down: bool = False) -> None:
    """Do what the migrations of a service do, with the same helpers."""
    context = MigrationContext.configure(
        connection, opts={"version_table_schema": "lending", "target_metadata": Base.metadata}
    )
    connection.execute(text("SET ROLE lending_owner"))
    with Operations.context(context) as op:
        tables = [
            Base.metadata.tables[f"lending.{name}"] for name in ("libraries", "books", "loans")
        ]
        if down:
            Base.metadata.drop_all(connection, tables)
            drop_outbox_tables(op)
        else:
            create_outbox_tables(op)
            let_relay_expire(op)
            Base.metadata.create_all(connection, tables)
            op.execute("GRANT SELECT, INSERT, UPDATE ON lending.libraries TO lending_app")
            secure_tenant_table(op, "books")
            secure_tenant_table(op, "loans", append_only=True)
            shown = "shown_to = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)"
            share_for_select(op, "books", name="shown", using=shown)
    connection.execute(text("RESET ROLE"))
