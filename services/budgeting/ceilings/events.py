"""What budgeting announces about ceilings."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.ceilings.model import Ceiling


class CeilingEvent(Event):
    """The public state of a ceiling; `used_amount` is null where it is not known."""

    ceiling_id: UUID
    budget_call_id: UUID
    fiscal_year: int
    for_org_id: UUID | None
    funding_source: str | None
    expense_class: str | None
    sector: str | None
    amount: Money
    used_amount: Money | None

    @classmethod
    def about(cls, ceiling: Ceiling) -> Self:
        """Return the event about a ceiling as it is now."""
        return cls(
            ceiling_id=ceiling.id,
            budget_call_id=ceiling.budget_call_id,
            fiscal_year=ceiling.fiscal_year,
            for_org_id=ceiling.for_org_id,
            funding_source=ceiling.funding_source,
            expense_class=ceiling.expense_class,
            sector=ceiling.sector,
            amount=ceiling.amount,
            used_amount=ceiling.used_amount,
        )


class CeilingChanged(CeilingEvent):
    """A ceiling was set or moved; proposals submitted from here on keep to it."""

    subject: ClassVar[str] = "budgeting.ceiling.changed.v1"


class CeilingNeared(CeilingEvent):
    """A submission came near a ceiling; little more will fit."""

    subject: ClassVar[str] = "budgeting.ceiling.neared.v1"


class CeilingWasExceeded(CeilingEvent):
    """A submission went over a soft ceiling; its reviewer will look at it."""

    subject: ClassVar[str] = "budgeting.ceiling.exceeded.v1"
