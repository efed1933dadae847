"""What budgeting announces about allocations; drafts are never announced."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.allocations.model import Allocation


class AllocationEvent(Event):
    """The public state of an allocation with its balances."""

    allocation_id: UUID
    appropriation_item_id: UUID
    program_id: UUID | None
    ppa_id: UUID | None
    program_title: str
    fiscal_year: int
    expense_class: str
    funding_source: str
    status: str
    allocated_amount: Money
    allotted_amount: Money
    obligated_amount: Money
    disbursed_amount: Money

    @classmethod
    def about(cls, allocation: Allocation) -> Self:
        """Return this event for an allocation as it now is."""
        told = {name: getattr(allocation, name) for name in _COLUMNS}
        return cls(allocation_id=allocation.id, **told)


_COLUMNS = set(AllocationEvent.model_fields) - {"allocation_id"}


class AllocationApproved(AllocationEvent):
    """A part of an item was assigned to a program; it may be allotted."""

    subject: ClassVar[str] = "budgeting.allocation.approved.v1"


class AllocationAdjusted(AllocationEvent):
    """A realignment or a transfer moved an allocation's amount."""

    subject: ClassVar[str] = "budgeting.allocation.adjusted.v1"


class AllocationClosed(AllocationEvent):
    """An allocation ended; nothing more is taken from it."""

    subject: ClassVar[str] = "budgeting.allocation.closed.v1"


class AllocationCancelled(AllocationEvent):
    """An allocation was given up before anything was allotted; its amount is the item's again."""

    subject: ClassVar[str] = "budgeting.allocation.cancelled.v1"
