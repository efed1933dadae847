"""What becomes of an announcement of the register."""

from __future__ import annotations

from libs.outbox.event import EventMeta
from libs.outbox.mirrors import mirror_public
from libs.outbox.uow import UnitOfWork
from services.coordination.known_organizations.model import KnownOrganization


async def remember_organization(
    uow: UnitOfWork, meta: EventMeta, *, code: str, name: str, is_active: bool
) -> None:
    """Keep the newest announced state of one organization; an older one changes nothing."""
    state = {"code": code, "name": name, "is_active": is_active}
    await mirror_public(uow, meta, KnownOrganization, state, version="register_version")
