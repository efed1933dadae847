"""Every SELECT on the remembered register."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.budgeting.known_organizations.model import KnownOrganization


async def list_known_organizations(
    session: AsyncSession, org_ids: Iterable[UUID]
) -> dict[UUID, KnownOrganization]:
    """Return those of the ids that the register has, by their ids."""
    statement = select(KnownOrganization).where(KnownOrganization.org_id.in_(set(org_ids)))
    return {known.org_id: known for known in await session.scalars(statement)}
