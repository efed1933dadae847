"""Budget calls and their extensions: fields, states and guards (budgeting sheet, section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Date, DateTime, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class CallStatus(StrEnum):
    """States of a budget call."""

    draft = "draft"
    open = "open"
    closed = "closed"
    archived = "archived"


class BudgetCallNotFound(NotFound):
    """There is no such call, or it is another organization's draft."""

    title = "There is no such budget call."


class BudgetCallNotDraft(Conflict):
    """An issued call stands; deadlines move by extensions."""

    title = "Only a draft budget call can be changed, opened or deleted."


class BudgetCallNotOpen(Conflict):
    """The call has not begun or is over."""

    title = "The budget call is not open."


class BudgetCallNotClosed(Conflict):
    """Only what is over is archived."""

    title = "Only a closed budget call can be archived."


class BudgetCallExists(Conflict):
    """The government has one call a fiscal year."""

    title = "There is a budget call for this fiscal year already."


class ExtensionNotLater(Conflict):
    """An extension gives more time, never less."""

    title = "An extension must end after the deadline that it extends."


class DeadlinePassed(Conflict):
    """The organization has neither time nor an extension left."""

    title = "The deadline of the budget call has passed."


class NotYetOpen(Conflict):
    """The call is issued but its first day is to come."""

    title = "The budget call accepts proposals later."


class BudgetCall(TenantOwned, Base):
    """What an issuer asks of every organization for one fiscal year, and until when."""

    __tablename__ = "budget_calls"
    __table_args__ = (
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("status", "status IN ('draft', 'open', 'closed', 'archived')"),
        check("days", "opens_on <= deadline_on"),
        check("opened_known", "(status = 'draft') = (opened_at IS NULL)"),
        check("closed_known", "(status IN ('closed', 'archived')) = (closed_at IS NOT NULL)"),
        Index(
            "uq_budget_calls_fiscal_year",
            "fiscal_year",
            unique=True,
            postgresql_where=text("status <> 'draft'"),
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.budget_call"

    fiscal_year: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    guidelines: Mapped[str] = mapped_column(Text)
    opens_on: Mapped[date] = mapped_column(Date)
    deadline_on: Mapped[date] = mapped_column(Date)
    calendar: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002
        """Return the verbs that the state leaves open to its issuer."""
        if self.status == CallStatus.draft:
            yield from ("change", "open", "delete")
        elif self.status == CallStatus.open:
            yield from ("extend", "close")
        elif self.status == CallStatus.closed:
            yield "archive"

    def check_draft(self) -> None:
        """Refuse to change what was issued."""
        if self.status != CallStatus.draft:
            raise BudgetCallNotDraft(f"It is {self.status}.")

    def check_open(self) -> None:
        """Refuse what only an open call allows."""
        if self.status != CallStatus.open:
            raise BudgetCallNotOpen(f"It is {self.status}.")

    def open(self, *, at: datetime) -> None:
        """Issue the call: every organization reads it from here on."""
        self.check_draft()
        self.status, self.opened_at = CallStatus.open, at

    def close(self, *, at: datetime) -> None:
        """End the call: nothing more is submitted under it."""
        self.check_open()
        self.status, self.closed_at = CallStatus.closed, at

    def archive(self) -> None:
        """Put a closed call away."""
        if self.status != CallStatus.closed:
            raise BudgetCallNotClosed(f"It is {self.status}.")
        self.status = CallStatus.archived

    def check_accepts(self, today: date, extended_to: date | None) -> None:
        """Refuse a submission before the first day, or after the last one of the organization."""
        self.check_open()
        if today < self.opens_on:
            raise NotYetOpen(f"It begins on {self.opens_on}.")
        last = max(self.deadline_on, extended_to or self.deadline_on)
        if today > last:
            raise DeadlinePassed(f"It was {last}.")


class CallExtension(TenantOwned, Base):
    """More time for one organization, with the reason; never changed or removed."""

    __tablename__ = "call_extensions"
    __table_args__ = (
        tenant_fk("budget_call_id", "budgeting.budget_calls"),
        UniqueConstraint("org_id", "budget_call_id", "for_org_id", "deadline_on"),
        check("reason", "reason ~ '[^[:space:]]'"),
        Index(None, "org_id", "for_org_id"),
    )
    noun: ClassVar[str] = "budgeting.budget_call"

    budget_call_id: Mapped[UUID] = mapped_column(Uuid)
    for_org_id: Mapped[UUID] = mapped_column(Uuid)
    deadline_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
