"""What planning announces about PPAs, kept here."""

from __future__ import annotations

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.mirrors import mirror
from libs.outbox.uow import UnitOfWork
from services.budgeting.known_ppas.model import KnownPpa


class AnnouncedPpa(BaseModel):
    """The fields of a PPA that budgeting reads."""

    code: str
    title: str
    fiscal_year: int
    status: str


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
async def remember_ppa(event: AnnouncedPpa, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let programs be asked for it as it now is."""
    await mirror(uow, meta, KnownPpa, event.model_dump())


@subscriber("planning.ppa.deleted.v1")
async def forget_ppa(event: AnnouncedPpa, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let no new program be asked for it; the row stays, so that nothing late brings it back."""
    await mirror(uow, meta, KnownPpa, {**event.model_dump(), "status": "deleted"})
