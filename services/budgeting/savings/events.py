"""What budgeting announces about savings."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.savings.model import Saving


class SavingEvent(Event):
    """The public state of a saving."""

    saving_id: UUID
    item_id: UUID
    fiscal_year: int
    status: str
    amount: Money
    used_amount: Money

    @classmethod
    def about(cls, saving: Saving) -> Self:
        """Return this event for a saving as it now is."""
        names = set(cls.model_fields) - {"saving_id"}
        return cls(saving_id=saving.id, **{name: getattr(saving, name) for name in names})


class SavingDeclared(SavingEvent):
    """A part of an item is kept for others that lack money."""

    subject: ClassVar[str] = "budgeting.saving.declared.v1"


class SavingCancelled(SavingEvent):
    """What is unused of a saving is its item's again."""

    subject: ClassVar[str] = "budgeting.saving.cancelled.v1"
