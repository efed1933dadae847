"""Every SELECT on the remembered register."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.planning.known_organizations.model import KnownOrganization


async def find_known_organization(session: AsyncSession, org_id: UUID) -> KnownOrganization | None:
    statement = select(KnownOrganization).where(KnownOrganization.id == org_id)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def list_known_organizations(session: AsyncSession) -> Sequence[KnownOrganization]:
    """Return the whole register for an actor who oversees, else the actor's own entry."""
    return (await session.scalars(select(KnownOrganization).order_by(KnownOrganization.code))).all()
