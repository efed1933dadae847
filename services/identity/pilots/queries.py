"""Every SELECT over the whole register, for an operator."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.invitations.model import Invitation
from services.identity.organizations.model import Organization, OrganizationAlias


async def list_pilots(session: AsyncSession) -> list[Organization]:
    rows = await session.scalars(
        select(Organization).where(Organization.is_pilot).order_by(Organization.code)
    )
    return list(rows)


async def count_asked_admins(session: AsyncSession) -> int:
    """Return how many are asked to administer the acting organization."""
    count = await session.scalar(
        select(func.count())
        .select_from(Invitation)
        .where(
            Invitation.role == "admin",
            Invitation.accepted_at.is_(None),
            Invitation.cancelled_at.is_(None),
        )
    )
    return count or 0


async def list_leading_aliases(session: AsyncSession) -> list[OrganizationAlias]:
    rows = await session.scalars(
        select(OrganizationAlias).where(OrganizationAlias.superseded_at.is_(None))
    )
    return list(rows)
