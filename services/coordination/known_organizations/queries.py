"""Every SELECT on the remembered register."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.coordination.known_organizations.model import KnownOrganization


async def find_organization_of_code(session: AsyncSession, code: str) -> KnownOrganization | None:
    """Return the one active organization of this code; none when two still claim it."""
    statement = select(KnownOrganization).where(
        KnownOrganization.code == code, KnownOrganization.is_active
    )
    found = (await session.scalars(statement)).all()
    return found[0] if len(found) == 1 else None
