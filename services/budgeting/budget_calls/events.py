"""What budgeting announces about budget calls."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.outbox.event import Event
from services.budgeting.budget_calls.model import BudgetCall, CallExtension


class BudgetCallEvent(Event):
    """The public state of a budget call; drafts are never announced."""

    budget_call_id: UUID
    fiscal_year: int
    title: str
    status: str
    opens_on: date
    deadline_on: date

    @classmethod
    def about(cls, call: BudgetCall) -> Self:
        """Return the event about a call as it is now."""
        return cls(
            budget_call_id=call.id,
            fiscal_year=call.fiscal_year,
            title=call.title,
            status=call.status,
            opens_on=call.opens_on,
            deadline_on=call.deadline_on,
        )


class BudgetCallOpened(BudgetCallEvent):
    """A fiscal year was opened; organizations may submit their proposals."""

    subject: ClassVar[str] = "budgeting.budget_call.opened.v1"


class BudgetCallClosed(BudgetCallEvent):
    """A call ended; nothing more is submitted under it."""

    subject: ClassVar[str] = "budgeting.budget_call.closed.v1"


class BudgetCallArchived(BudgetCallEvent):
    """A closed call was put away."""

    subject: ClassVar[str] = "budgeting.budget_call.archived.v1"


class BudgetCallExtended(BudgetCallEvent):
    """An organization was given more time; it may submit until then."""

    subject: ClassVar[str] = "budgeting.budget_call.extended.v1"

    for_org_id: UUID
    extended_to: date

    @classmethod
    def with_extension(cls, call: BudgetCall, extension: CallExtension) -> Self:
        """Return the event about a call and the time given to one organization."""
        told = BudgetCallEvent.about(call).model_dump()
        return cls(**told, for_org_id=extension.for_org_id, extended_to=extension.deadline_on)
