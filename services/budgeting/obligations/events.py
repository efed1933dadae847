"""What budgeting announces about obligations; no payee, for that may be a person."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.obligations.model import Obligation


class ObligationEvent(Event):
    """The public state of an obligation with its balances."""

    obligation_id: UUID
    allotment_id: UUID
    allocation_id: UUID
    work_item_id: UUID | None
    fiscal_year: int
    expense_class: str
    document_kind: str
    obligation_on: date
    status: str
    ors_number: str | None
    obligated_amount: Money
    disbursed_amount: Money
    delivered_on: date | None

    @classmethod
    def about(cls, obligation: Obligation) -> Self:
        """Return this event for an obligation as it now is."""
        return cls(
            obligation_id=obligation.id,
            **{
                name: getattr(obligation, name)
                for name in cls.model_fields
                if name != "obligation_id"
            },
        )


class ObligationPosted(ObligationEvent):
    """An organization bound itself to pay; payment may follow."""

    subject: ClassVar[str] = "budgeting.obligation.posted.v1"


class ObligationAdjusted(ObligationEvent):
    """An obligation went up or down by a notice."""

    subject: ClassVar[str] = "budgeting.obligation.adjusted.v1"


class ObligationDelivered(ObligationEvent):
    """What was ordered came; what is unpaid is due."""

    subject: ClassVar[str] = "budgeting.obligation.delivered.v1"


class ObligationCancelled(ObligationEvent):
    """An obligation of which nothing was paid was given up; its number stays used."""

    subject: ClassVar[str] = "budgeting.obligation.cancelled.v1"
