"""What planning announces about PPAs; each carries the PPA's public state."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.planning.ppas.model import Ppa


class PpaEvent(Event):
    """The public state of a PPA; it is in the register, and announced, from its first day."""

    ppa_id: UUID
    code: str
    title: str
    fiscal_year: int
    status: str
    approved_budget_amount: Money | None
    indicators_count: int

    @classmethod
    def about(cls, ppa: Ppa) -> Self:
        """Return this event for a PPA as it now is."""
        return cls(
            ppa_id=ppa.id,
            code=ppa.code,
            title=ppa.title,
            fiscal_year=ppa.fiscal_year,
            status=ppa.status,
            approved_budget_amount=ppa.approved_budget_amount,
            indicators_count=ppa.indicators_count,
        )


class PpaRegistered(PpaEvent):
    """A PPA entered the register, by hand or from a file; it may be planned and funded."""

    subject: ClassVar[str] = "planning.ppa.registered.v1"


class PpaChanged(PpaEvent):
    """Text, budget or indicators of a PPA in planning changed; copies follow."""

    subject: ClassVar[str] = "planning.ppa.changed.v1"


class PpaDeleted(PpaEvent):
    """A PPA in planning was taken out of the register; whoever counted it stops."""

    subject: ClassVar[str] = "planning.ppa.deleted.v1"


class PpaAdvanced(PpaEvent):
    """Work on a PPA began; it may be monitored."""

    subject: ClassVar[str] = "planning.ppa.advanced.v1"


class PpaHeld(PpaEvent):
    """Work on a PPA was interrupted; it may be resumed."""

    subject: ClassVar[str] = "planning.ppa.held.v1"


class PpaResumed(PpaEvent):
    """Work on a PPA goes on after an interruption."""

    subject: ClassVar[str] = "planning.ppa.resumed.v1"


class PpaCompleted(PpaEvent):
    """A PPA was carried through; its results may be judged."""

    subject: ClassVar[str] = "planning.ppa.completed.v1"


class PpaReopened(PpaEvent):
    """A completed PPA was taken up again; it goes on."""

    subject: ClassVar[str] = "planning.ppa.reopened.v1"


class PpaCancelled(PpaEvent):
    """A PPA was given up; nothing begins."""

    subject: ClassVar[str] = "planning.ppa.cancelled.v1"
