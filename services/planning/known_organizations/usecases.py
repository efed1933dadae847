"""What becomes of an announcement of the register."""

from __future__ import annotations

from collections.abc import Mapping

from libs.outbox.event import EventMeta
from libs.outbox.uow import UnitOfWork
from services.planning.known_organizations.model import KnownOrganization
from services.planning.known_organizations.queries import find_known_organization


async def remember_organization(
    uow: UnitOfWork, state: Mapping[str, object], meta: EventMeta
) -> None:
    """Keep the newest announced state of one organization; an older one changes nothing."""
    known = await find_known_organization(uow.session, meta.org_id)
    if known is None:
        known = KnownOrganization(id=meta.org_id)
        uow.session.add(known)
    known.follow(state, register_version=meta.aggregate_version)
