"""What identity announces about organizations, kept here."""

from __future__ import annotations

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.planning.known_organizations import usecases


class AnnouncedOrganization(BaseModel):
    """The fields of an organization that planning reads."""

    key: str
    code: str
    name: str
    org_type: str
    is_moa: bool
    is_active: bool


@subscriber("identity.organization.registered.v1")
async def remember_registered(
    event: AnnouncedOrganization, uow: UnitOfWork, meta: EventMeta
) -> None:
    """Keep an organization that entered the register: files may be imported for it."""
    await usecases.remember_organization(uow, event.model_dump(), meta)


@subscriber("identity.organization.changed.v1")
async def remember_changed(event: AnnouncedOrganization, uow: UnitOfWork, meta: EventMeta) -> None:
    """Follow a change of code, name or whether the organization is active."""
    await usecases.remember_organization(uow, event.model_dump(), meta)
