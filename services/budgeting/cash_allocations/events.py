"""What budgeting announces about cash allocations: the cash programme of an organization."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.cash_allocations.model import CashAllocation


class CashAllocationEvent(Event):
    """The public state of a cash allocation; whether it has lapsed follows from its last day."""

    cash_allocation_id: UUID
    number: str
    fiscal_year: int
    quarter: int
    month: int | None
    funding_source: str
    valid_from: date
    valid_until: date
    status: str
    amount: Money

    @classmethod
    def about(cls, cash: CashAllocation) -> Self:
        """Return this event for a cash allocation as it now is."""
        names = set(cls.model_fields) - {"cash_allocation_id", "status"}
        told = {name: getattr(cash, name) for name in names}
        return cls(cash_allocation_id=cash.id, status=cash.stored_status, **told)


class CashAllocationConfirmed(CashAllocationEvent):
    """Cash was received; payments may use it until its quarter is over."""

    subject: ClassVar[str] = "budgeting.cash_allocation.confirmed.v1"


class CashAllocationCancelled(CashAllocationEvent):
    """A notice of which nothing was used was taken back."""

    subject: ClassVar[str] = "budgeting.cash_allocation.cancelled.v1"
