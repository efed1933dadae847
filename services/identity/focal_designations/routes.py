"""Focal designations over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.focal_designations import model, queries, schemas, usecases
from services.identity.focal_designations.model import FocalDesignation, FocalDesignationNotFound
from services.identity.grants.model import OwnGrant
from services.identity.memberships.model import MembershipEnded, MembershipNotFound, OwnRights
from services.identity.permissions.model import BeyondOwnRights

router = slice_router(
    prefix="/api/v1/moa/{org_code}/identity/focal-designations", tag="focal designations"
)


@router.get(
    "",
    response_model=schemas.FocalDesignationPage,
    dependencies=[requires("identity.focal_designation.read")],
    summary="List who speaks for the organization, and who did",
)
async def list_focal_designations(
    params: Annotated[schemas.FocalDesignationListParams, Query()], uow: Uow
) -> Rows[FocalDesignation]:
    return await queries.list_focal_designations(uow.session, params)


@router.post(
    "",
    response_model=schemas.FocalDesignationRead,
    status_code=201,
    dependencies=[requires("identity.focal_designation.create")],
    responses=refuses(
        MembershipNotFound, MembershipEnded, OwnRights, BeyondOwnRights, model.AlreadyFocal
    ),
    summary="Let a member speak for the organization",
)
async def create_focal_designation(
    body: schemas.FocalDesignationCreate, uow: Uow
) -> FocalDesignation:
    return await usecases.create_focal_designation(uow, body.membership_id)


@router.get(
    "/{focal_designation_id}",
    response_model=schemas.FocalDesignationRead,
    dependencies=[requires("identity.focal_designation.read")],
    responses=refuses(FocalDesignationNotFound),
    summary="Read one designation",
)
async def get_focal_designation(focal_designation_id: UUID, uow: Uow) -> FocalDesignation:
    return await queries.get_focal_designation(uow.session, focal_designation_id)


@router.post(
    "/{focal_designation_id}/end",
    response_model=schemas.FocalDesignationRead,
    dependencies=[requires("identity.focal_designation.end"), match_required],
    responses=refuses(
        FocalDesignationNotFound, MatchMissing, Stale, model.FocalDesignationEnded, OwnGrant
    ),
    summary="Let a member speak for the organization no more",
)
async def end_focal_designation(
    focal_designation_id: UUID, body: schemas.FocalDesignationEnd, uow: Uow
) -> FocalDesignation:
    return await usecases.end_focal_designation(uow, focal_designation_id, body.reason)
