"""Approval tiers over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.approval_tiers import queries, schemas, usecases
from services.budgeting.approval_tiers.model import ApprovalTier, ApprovalTierNotFound

router = slice_router(
    prefix="/api/v1/moa/{org_code}/budgeting/approval-tiers", tag="approval tiers"
)


def _may_now(verb: str) -> list[Any]:
    return [requires(f"budgeting.approval_tier.{verb}"), match_required]


@router.get(
    "",
    response_model=schemas.ApprovalTierPage,
    dependencies=[requires("budgeting.approval_tier.read")],
    summary="List who approves up to which amount",
)
async def list_approval_tiers(
    params: Annotated[schemas.ApprovalTierFilter, Query()], uow: Uow
) -> Rows[ApprovalTier]:
    return await queries.list_approval_tiers(uow.session, params)


@router.post(
    "",
    response_model=schemas.ApprovalTierRead,
    status_code=201,
    dependencies=[requires("budgeting.approval_tier.create")],
    summary="Say up to which amount a role approves",
)
async def create_approval_tier(body: schemas.ApprovalTierCreate, uow: Uow) -> ApprovalTier:
    return await usecases.create_approval_tier(uow, body)


@router.get(
    "/{approval_tier_id}",
    response_model=schemas.ApprovalTierRead,
    dependencies=[requires("budgeting.approval_tier.read")],
    responses=refuses(ApprovalTierNotFound),
    summary="Read an approval tier",
)
async def get_approval_tier(approval_tier_id: UUID, uow: Uow) -> ApprovalTier:
    return await queries.get_approval_tier(uow.session, approval_tier_id)


@router.patch(
    "/{approval_tier_id}",
    response_model=schemas.ApprovalTierRead,
    dependencies=_may_now("change"),
    responses=refuses(ApprovalTierNotFound, MatchMissing),
    summary="Move the limit of a role",
)
async def change_approval_tier(
    approval_tier_id: UUID, body: schemas.ApprovalTierChange, uow: Uow
) -> ApprovalTier:
    return await usecases.change_approval_tier(uow, approval_tier_id, body)


@router.delete(
    "/{approval_tier_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(ApprovalTierNotFound, MatchMissing),
    summary="Take the limit of a role away",
)
async def delete_approval_tier(approval_tier_id: UUID, uow: Uow) -> None:
    await usecases.delete_approval_tier(uow, approval_tier_id)
