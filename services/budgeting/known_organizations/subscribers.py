"""What identity announces about organizations, kept here."""

from __future__ import annotations

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.budgeting.known_organizations import usecases


class AnnouncedOrganization(BaseModel):
    """The fields of an organization that budgeting reads."""

    code: str
    status: str


@subscriber("identity.organization.registered.v1", "identity.organization.changed.v1")
async def remember_organization(
    event: AnnouncedOrganization, uow: UnitOfWork, meta: EventMeta
) -> None:
    """Let acts, ceilings, extensions and releases be for it, until it is retired."""
    await usecases.remember_organization(uow, meta, **event.model_dump())
