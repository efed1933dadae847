"""What budgeting announces about allotments; each carries the allotment's public state."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.allotments.model import Allotment


class AllotmentEvent(Event):
    """The public state of an allotment with its balances; one that waits is not announced."""

    allotment_id: UUID
    allocation_id: UUID
    fiscal_year: int
    quarter: int | None
    kind: str
    status: str
    expense_class: str
    funding_source: str
    release_number: int | None
    released_on: date | None
    allotted_amount: Money
    obligated_amount: Money
    disbursed_amount: Money

    @classmethod
    def about(cls, allotment: Allotment) -> Self:
        """Return this event for an allotment as it now is."""
        return cls(
            allotment_id=allotment.id,
            **{
                name: getattr(allotment, name)
                for name in cls.model_fields
                if name != "allotment_id"
            },
        )


class AllotmentReleased(AllotmentEvent):
    """An allotment was released; obligations may begin."""

    subject: ClassVar[str] = "budgeting.allotment.released.v1"


class AllotmentAdjusted(AllotmentEvent):
    """The amount of a released allotment went up or down."""

    subject: ClassVar[str] = "budgeting.allotment.adjusted.v1"


class AllotmentCancelled(AllotmentEvent):
    """A released allotment of which nothing was used was withdrawn."""

    subject: ClassVar[str] = "budgeting.allotment.cancelled.v1"


class AllotmentClosed(AllotmentEvent):
    """An allotment ended; what was not obligated lapsed."""

    subject: ClassVar[str] = "budgeting.allotment.closed.v1"
