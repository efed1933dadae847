"""What becomes of an announcement of the register."""

from __future__ import annotations

from libs.outbox.event import EventMeta
from libs.outbox.uow import UnitOfWork
from services.coordination.known_organizations.model import KnownOrganization
from services.coordination.known_organizations.queries import find_known_organization


async def remember_organization(
    uow: UnitOfWork, meta: EventMeta, *, code: str, name: str, is_active: bool
) -> None:
    """Keep the newest announced state of one organization; an older one changes nothing."""
    known = await find_known_organization(uow.session, meta.org_id)
    if known is None:
        known = KnownOrganization(org_id=meta.org_id)
        uow.session.add(known)
    known.follow(code=code, name=name, is_active=is_active, register_version=meta.aggregate_version)
