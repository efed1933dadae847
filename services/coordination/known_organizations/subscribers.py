"""What identity announces about organizations, kept here."""

from __future__ import annotations

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.coordination.known_organizations import usecases


class AnnouncedOrganization(BaseModel):
    """The fields of an organization that coordination reads."""

    code: str
    name: str
    is_active: bool


@subscriber("identity.organization.registered.v1")
async def remember_registered(
    event: AnnouncedOrganization, uow: UnitOfWork, meta: EventMeta
) -> None:
    """Keep an organization that entered the register: it can be invited."""
    await usecases.remember_organization(uow, meta, **event.model_dump())


@subscriber("identity.organization.changed.v1")
async def remember_changed(event: AnnouncedOrganization, uow: UnitOfWork, meta: EventMeta) -> None:
    """Follow a change of code, name or whether the organization can be invited."""
    await usecases.remember_organization(uow, meta, **event.model_dump())
