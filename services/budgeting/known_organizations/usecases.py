"""What becomes of an announcement of the register, and for whom anything may be issued."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from libs.outbox.event import EventMeta
from libs.outbox.mirrors import mirror_public
from libs.outbox.uow import UnitOfWork
from services.budgeting.known_organizations.model import (
    RETIRED,
    KnownOrganization,
    OrganizationIsRetired,
    OrganizationUnknown,
)
from services.budgeting.known_organizations.queries import list_known_organizations


async def remember_organization(
    uow: UnitOfWork, meta: EventMeta, *, code: str, status: str
) -> None:
    """Keep the newest announced state of one organization; an older one changes nothing."""
    state = {"code": code, "status": status}
    await mirror_public(uow, meta, KnownOrganization, state, version="register_version")


async def check_organizations(uow: UnitOfWork, named: Sequence[tuple[str, UUID]]) -> None:
    """Refuse to issue for whom the register does not have or has retired.

    `named` holds the pointer of each field that names an organization, and whom it names.
    """
    found = await list_known_organizations(uow.session, (org_id for _, org_id in named))
    for pointer, org_id in named:
        known = found.get(org_id)
        if known is None:
            raise OrganizationUnknown(
                f"{org_id} is none of them; a new one is known here within moments.",
                pointer=pointer,
            )
        if known.status == RETIRED:
            raise OrganizationIsRetired(f"It is {known.code}.", pointer=pointer)
