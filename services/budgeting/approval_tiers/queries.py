"""Every SELECT on approval tiers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.approval_tiers.model import ApprovalTier, ApprovalTierNotFound
from services.budgeting.approval_tiers.schemas import ApprovalTierFilter


async def get_approval_tier(session: AsyncSession, tier_id: UUID) -> ApprovalTier:
    statement: Select[ApprovalTier] = select(ApprovalTier).where(ApprovalTier.id == tier_id)
    tier = (await session.scalars(statement)).one_or_none()
    if tier is None:
        raise ApprovalTierNotFound
    return tier


async def list_all_tiers(session: AsyncSession) -> Sequence[ApprovalTier]:
    return (await session.scalars(select(ApprovalTier))).all()


async def list_approval_tiers(
    session: AsyncSession, params: ApprovalTierFilter
) -> Rows[ApprovalTier]:
    return await page(session, select(ApprovalTier), ApprovalTier, params)
