"""What planning announces about PPAs, kept here."""

from __future__ import annotations

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_ppas.model import DELETED, KnownPpa


class PpaState(Announced):
    """The fields of a PPA that ocm reads."""

    code: str
    title: str
    fiscal_year: int
    status: str
    approved_budget_amount: Amount | None
    indicators_count: int


@subscriber(
    "planning.ppa.registered.v1",
    "planning.ppa.changed.v1",
    "planning.ppa.advanced.v1",
    "planning.ppa.held.v1",
    "planning.ppa.resumed.v1",
    "planning.ppa.completed.v1",
    "planning.ppa.reopened.v1",
    "planning.ppa.cancelled.v1",
)
async def remember_ppa(event: PpaState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count a PPA in the state that it now has, with its budget."""
    await remember(uow, event, meta, KnownPpa, event.model_dump())


@subscriber("planning.ppa.deleted.v1")
async def forget_ppa(event: PpaState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count a PPA no more; its row stays, so that nothing that comes late brings it back."""
    await remember(uow, event, meta, KnownPpa, {**event.model_dump(), "status": DELETED})
