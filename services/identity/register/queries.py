"""Further SELECT statements of the register, for its administrators."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.organizations.model import Organization


async def list_all(session: AsyncSession) -> list[Organization]:
    rows = await session.scalars(select(Organization).order_by(Organization.code))
    return list(rows)


async def is_above(session: AsyncSession, upper: UUID, lower: UUID) -> bool:
    """Tell whether `upper` stands above `lower`, at whatever distance."""
    chain = (
        select(Organization.id, Organization.parent_id)
        .where(Organization.id == lower)
        .cte("chain", recursive=True)
    )
    chain = chain.union(
        select(Organization.id, Organization.parent_id).where(Organization.id == chain.c.parent_id)
    )
    found = await session.scalar(select(chain.c.id).where(chain.c.id == upper))
    return found is not None
