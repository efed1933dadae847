"""What budgeting announces about the ends of fiscal years."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.year_ends.model import YearEnd


class YearEndEvent(Event):
    """The public state of a closing; its items, allocations and allotments tell of themselves."""

    year_end_id: UUID
    fiscal_year: int
    closing_on: date
    status: str
    appropriated_amount: Money
    lapsed_amount: Money
    continued_amount: Money
    obligated_amount: Money
    disbursed_amount: Money
    due_amount: Money
    not_yet_due_amount: Money

    @classmethod
    def about(cls, closing: YearEnd) -> Self:
        """Return this event for a closing as it now is."""
        names = set(cls.model_fields) - {"year_end_id"}
        return cls(year_end_id=closing.id, **{name: getattr(closing, name) for name in names})


class YearEndClosed(YearEndEvent):
    """A fiscal year was closed: what was free lapsed or continues, what is owed is payable."""

    subject: ClassVar[str] = "budgeting.year_end.closed.v1"


class YearEndReversed(YearEndEvent):
    """A closing was undone before the next year used anything of it."""

    subject: ClassVar[str] = "budgeting.year_end.reversed.v1"
