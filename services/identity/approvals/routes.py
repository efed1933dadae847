"""Approvals over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.approvals import model, queries, schemas, usecases
from services.identity.approvals.model import Approval, ApprovalNotFound
from services.identity.memberships.model import AdministratorsOnly, MembershipNotFound
from services.identity.organizations.model import OrganizationNotFound
from services.identity.system_grants.usecases import GrantNotHere
from services.identity.user_accounts.model import NoFactor, ServesElsewhere
from services.identity.users.model import UserNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/approvals", tag="approvals")

RESETTING = (MembershipNotFound, ServesElsewhere, AdministratorsOnly, NoFactor)
DECIDING = (
    ApprovalNotFound,
    MatchMissing,
    Stale,
    model.ApprovalNotOpen,
    model.ApprovalExpired,
    model.ApprovalNotYours,
)


@router.get(
    "",
    response_model=schemas.ApprovalPage,
    dependencies=[requires("identity.approval.read")],
    summary="List requests for approval",
)
async def list_approvals(
    params: Annotated[schemas.ApprovalListParams, Query()], uow: Uow
) -> Rows[Approval]:
    return await queries.list_approvals(uow.session, params)


@router.post(
    "",
    response_model=schemas.ApprovalRead,
    status_code=201,
    dependencies=[requires("identity.approval.create")],
    responses=refuses(
        model.ApprovalNotYours,
        model.SecondPersonNeeded,
        UserNotFound,
        OrganizationNotFound,
        GrantNotHere,
        *RESETTING,
    ),
    summary="Ask for a dangerous act",
)
async def create_approval(body: schemas.ApprovalCreate, request: Request, uow: Uow) -> Approval:
    ocm_code = request.app.state.settings.ocm_organization_code
    return await usecases.create_approval(uow, body, ocm_code=ocm_code)


@router.get(
    "/{approval_id}",
    response_model=schemas.ApprovalRead,
    dependencies=[requires("identity.approval.read")],
    responses=refuses(ApprovalNotFound),
    summary="Read one request",
)
async def get_approval(approval_id: UUID, uow: Uow) -> Approval:
    return await queries.get_approval(uow.session, approval_id)


@router.post(
    "/{approval_id}/approve",
    response_model=schemas.ApprovalRead,
    dependencies=[requires("identity.approval.approve"), match_required],
    responses=refuses(
        *DECIDING, model.SecondPersonNeeded, model.ApprovalNotApproved, GrantNotHere, *RESETTING
    ),
    summary="Let it happen, as the second person",
)
async def approve_approval(approval_id: UUID, uow: Uow) -> Approval:
    return await usecases.approve_approval(uow, approval_id)


@router.post(
    "/{approval_id}/reject",
    response_model=schemas.ApprovalRead,
    dependencies=[requires("identity.approval.reject"), match_required],
    responses=refuses(*DECIDING),
    summary="Say that it shall not happen",
)
async def reject_approval(approval_id: UUID, body: schemas.ApprovalReject, uow: Uow) -> Approval:
    return await usecases.reject_approval(uow, approval_id, body.reason)


@router.post(
    "/{approval_id}/cancel",
    response_model=schemas.ApprovalRead,
    dependencies=[requires("identity.approval.cancel"), match_required],
    responses=refuses(*DECIDING),
    summary="Take the request back",
)
async def cancel_approval(approval_id: UUID, uow: Uow) -> Approval:
    return await usecases.cancel_approval(uow, approval_id)
