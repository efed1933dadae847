"""What budgeting announces about work items; each carries the item's public state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.work_items.model import WorkItem

Quantity = Annotated[Decimal, Field(examples=["12.000"])]
"""How much of the work item's unit, with three decimals."""


class WorkItemEvent(Event):
    """The public state of a work item: cost, quantity, and how far it is."""

    work_item_id: UUID
    allocation_id: UUID
    ppa_id: UUID | None
    planning_work_item_id: UUID | None
    fiscal_year: int
    code: str
    title: str
    status: str
    unit: str
    quantity: Quantity
    accomplished_quantity: Quantity
    estimated_cost_amount: Money
    target_completion_on: date

    @classmethod
    def about(cls, item: WorkItem) -> Self:
        """Return this event for a work item as it now is."""
        return cls(
            work_item_id=item.id,
            **{name: getattr(item, name) for name in cls.model_fields if name != "work_item_id"},
        )


class WorkItemPlanned(WorkItemEvent):
    """A work item was planned or its plan changed; obligations may be charged to it."""

    subject: ClassVar[str] = "budgeting.work_item.planned.v1"


class WorkItemAdvanced(WorkItemEvent):
    """More of a work item was accomplished."""

    subject: ClassVar[str] = "budgeting.work_item.advanced.v1"


class WorkItemCompleted(WorkItemEvent):
    """A work item was done."""

    subject: ClassVar[str] = "budgeting.work_item.completed.v1"


class WorkItemCancelled(WorkItemEvent):
    """A work item was given up; its cost is free for another."""

    subject: ClassVar[str] = "budgeting.work_item.cancelled.v1"
