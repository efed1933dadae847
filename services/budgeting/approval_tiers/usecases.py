"""Everything a person can do with approval tiers."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.approval_tiers.model import ApprovalTier
from services.budgeting.approval_tiers.queries import get_approval_tier
from services.budgeting.approval_tiers.schemas import ApprovalTierChange, ApprovalTierCreate


async def create_approval_tier(uow: UnitOfWork, told: ApprovalTierCreate) -> ApprovalTier:
    """Say up to which amount a role approves; roles without a tier approve nothing from now on."""
    tier = ApprovalTier(**dict(told))
    uow.session.add(tier)
    return tier


async def change_approval_tier(
    uow: UnitOfWork, tier_id: UUID, told: ApprovalTierChange
) -> ApprovalTier:
    """Move the limit of a role."""
    tier = await get_approval_tier(uow.session, tier_id)
    uow.expect(tier)
    for name, value in told.changes().items():
        setattr(tier, name, value)
    return tier


async def delete_approval_tier(uow: UnitOfWork, tier_id: UUID) -> None:
    """Take a role's limit away; once none is left, the right to approve suffices."""
    tier = await get_approval_tier(uow.session, tier_id)
    uow.expect(tier)
    await uow.session.delete(tier)
