"""What budgeting announces about realignments."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.realignments.model import Realignment


class RealignmentApplied(Event):
    """Money moved between two items or two allocations; both have their new balances."""

    subject: ClassVar[str] = "budgeting.realignment.applied.v1"

    realignment_id: UUID
    fiscal_year: int
    status: str
    from_item_id: UUID | None
    to_item_id: UUID | None
    from_allocation_id: UUID | None
    to_allocation_id: UUID | None
    saving_id: UUID | None
    decides_org_id: UUID | None
    amount: Money

    @classmethod
    def about(cls, realignment: Realignment) -> Self:
        """Return this event for a realignment as it now is."""
        names = set(cls.model_fields) - {"realignment_id"}
        told = {name: getattr(realignment, name) for name in names}
        return cls(realignment_id=realignment.id, **told)
