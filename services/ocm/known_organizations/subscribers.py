"""What identity announces about organizations, kept here."""

from __future__ import annotations

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_organizations.model import KnownOrganization


class OrganizationState(Announced):
    """The fields of an organization that ocm reads."""

    code: str
    name: str
    org_type: str
    is_moa: bool
    is_active: bool


@subscriber("identity.organization.registered.v1", "identity.organization.changed.v1")
async def remember_organization(event: OrganizationState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count and name an organization as the register now has it."""
    await remember(uow, event, meta, KnownOrganization, event.model_dump())
