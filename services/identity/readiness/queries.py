"""Every SELECT for the checklist, within the organization that it is about."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.memberships.model import Membership


async def count_staff(session: AsyncSession, org_id: UUID) -> int:
    """Return how many members are there besides the administrators."""
    count = await session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(Membership.org_id == org_id, Membership.is_active, Membership.role != "admin")
    )
    return count or 0
