"""Rows that belong to one organization, and the sessions that see no other organization's.

The fence is PostgreSQL's row-level security: `TenantSession` tells the database for whom each
transaction runs, `secure_tenant_table` makes every table ask. No actor: no rows, never all rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Connection,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Uuid,
    event,
    text,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    declared_attr,
    mapped_column,
    object_session,
)
from uuid_utils.compat import uuid7

from libs.tenancy.actor import SYSTEM_USER_ID, Actor
from libs.tenancy.connections import driver_of

if TYPE_CHECKING:
    from alembic.operations import Operations

MANILA = timezone(timedelta(hours=8), "Asia/Manila")
"""Philippine time; it knows no daylight saving."""

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

OWN = "org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)"
"""The policy: wrapped in SELECT so that it is computed once a statement, not once a row."""

_CONTEXT = text(
    "SELECT set_config('app.org_id', :org_id, true), set_config('app.actor_id', :actor_id, true),"
    " set_config('app.oversight', :oversight, true)"
)

_LOCAL = (
    "SET LOCAL app.org_id = '{org_id}'; SET LOCAL app.actor_id = '{actor_id}';"
    " SET LOCAL app.oversight = '{oversight}'"
)
"""The same in the breath that begins the transaction, which takes no parameters: two UUIDs."""


def tenant_metadata(schema: str) -> MetaData:
    """Return the metadata of one service: its own schema and the naming convention."""
    return MetaData(schema=schema, naming_convention=NAMING)


class TenantOwned:
    """A row of one organization: keyed by (org_id, id), versioned, with who and when.

    `version` counts the changes of the row and is its ETag. `noun` is the middle of its
    permissions (`planning.strategic_plan`).
    """

    noun: ClassVar[str]

    org_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-100)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7, sort_order=-99)
    version: Mapped[int] = mapped_column(sort_order=90)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), sort_order=91)
    created_by: Mapped[UUID] = mapped_column(Uuid, sort_order=92)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), sort_order=93)
    updated_by: Mapped[UUID] = mapped_column(Uuid, sort_order=94)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 (SQLAlchemy calls it on the class)
        return {"version_id_col": cls.version, "eager_defaults": True}

    def touch(self, at: datetime) -> None:
        """Count a change of a part as a change of the whole: the version and the ETag move."""
        self.updated_at = at

    @property
    def today(self) -> date:
        """The day of the unit of work that holds this row, in Manila."""
        session = object_session(self)
        now = session.info.get("now") if session else None
        return (now or datetime.now(UTC)).astimezone(MANILA).date()

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that the present state leaves open to this actor; models override."""
        return ()

    @property
    def allowed_actions(self) -> list[str]:
        """The verbs that state and permissions together open to whoever loaded this row."""
        session = object_session(self)
        actor = session.info.get("actor") if session else None
        if actor is None or actor.org_id != self.org_id:
            return []
        return [verb for verb in self.open_actions(actor) if actor.may(f"{self.noun}.{verb}")]


def tenant_fk(column: str, table: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Return the composite key that keeps a child in its parent's organization.

    `table` is written with its schema (`planning.strategic_plans`).
    """
    return ForeignKeyConstraint(
        ["org_id", column], [f"{table}.org_id", f"{table}.id"], ondelete=ondelete
    )


def check(name: str, condition: str) -> CheckConstraint:
    """Return a named CHECK of one table."""
    return CheckConstraint(condition, name=name)


class TenantSession(Session):
    """A session whose every transaction runs for the actor in `info`, or sees nothing."""


@event.listens_for(TenantSession, "after_begin")
def _set_context(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    actor: Actor | None = session.info.get("actor")
    if actor is None:
        return
    context = {
        "org_id": str(actor.org_id),
        "actor_id": str(actor.user_id),
        "oversight": "on" if actor.oversees else "off",
    }
    driver = driver_of(connection)
    if driver and not driver.is_in_transaction():
        driver.open_next_with(_LOCAL.format(**context))
    else:
        connection.execute(_CONTEXT, context)


@event.listens_for(TenantSession, "before_flush")
def _stamp(session: Session, _context: object, _instances: object) -> None:
    """Fill in owner, author and time, so that no use case can forget or forge them."""
    actor: Actor | None = session.info.get("actor")
    now = session.info.get("now") or datetime.now(UTC)
    author = actor.user_id if actor else SYSTEM_USER_ID
    for row in session.new:
        if isinstance(row, TenantOwned):
            if actor is not None and row.org_id is None:
                row.org_id = actor.org_id
            row.created_at, row.created_by = now, author
            row.updated_at, row.updated_by = now, author
    for row in session.dirty:
        if isinstance(row, TenantOwned) and session.is_modified(row):
            row.updated_at, row.updated_by = now, author


def tenant_tables(base: type[DeclarativeBase]) -> list[str]:
    """Return the names of the tables of one service that belong to organizations."""
    return sorted(
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in base.registry.mappers
        if issubclass(mapper.class_, TenantOwned)
    )


def secure_tenant_table(op: Operations, table: str, *, append_only: bool = False) -> None:
    """Close a new table: row-level security enabled and forced, one policy, least privileges.

    The table's schema is the service's name, whose roles are `<service>_app` and `<service>_ro`.
    An `append_only` table can never be updated or deleted from by the application.
    """
    service = _service(op)
    verbs = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    for statement in (
        f"ALTER TABLE {service}.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {service}.{table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant_isolation ON {service}.{table} USING ({OWN}) WITH CHECK ({OWN})",
        f"GRANT {verbs} ON {service}.{table} TO {service}_app",
        f"GRANT SELECT ON {service}.{table} TO {service}_ro",
    ):
        op.execute(statement)


def share_for_select(op: Operations, table: str, *, name: str, using: str) -> None:
    """Let others read some rows of `table`; writing stays with the organization in `org_id`.

    This is the only way to share a row: a second policy FOR SELECT, never a wider first one.
    """
    service = _service(op)
    op.execute(f"CREATE POLICY {name} ON {service}.{table} FOR SELECT USING ({using})")


def _service(op: Operations) -> str:
    return str(op.get_context().version_table_schema)
