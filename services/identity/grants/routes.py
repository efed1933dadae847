"""Roles and single rights given to members, over HTTP."""

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
from services.identity.grants import model, queries, schemas, usecases
from services.identity.grants.model import GrantNotFound, PermissionGrant, RoleGrant
from services.identity.incompatible_duties.model import DutiesIncompatible
from services.identity.memberships.model import MembershipEnded, MembershipNotFound
from services.identity.permissions.model import BeyondOwnRights
from services.identity.roles.model import RoleNotFound, RoleRetired

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/role-grants", tag="grants")
single_router = slice_router(
    prefix="/api/v1/moa/{org_code}/identity/permission-grants", tag="grants"
)

GIVING = (
    MembershipNotFound,
    MembershipEnded,
    BeyondOwnRights,
    DutiesIncompatible,
    model.GrantHeld,
    model.GrantEndsInPast,
    model.OwnGrant,
)
TAKING = (GrantNotFound, MatchMissing, Stale, model.GrantOver, model.OwnGrant, BeyondOwnRights)


@router.get(
    "",
    response_model=schemas.RoleGrantPage,
    dependencies=[requires("identity.grant.read")],
    summary="List which members have which roles",
)
async def list_role_grants(
    params: Annotated[schemas.GrantListParams, Query()], uow: Uow
) -> Rows[RoleGrant]:
    return await queries.list_grants(uow.session, RoleGrant, params)


@router.post(
    "",
    response_model=schemas.RoleGrantRead,
    status_code=201,
    dependencies=[requires("identity.grant.create")],
    responses=refuses(*GIVING, RoleNotFound, RoleRetired, model.OneRoleOnly),
    summary="Give a member a role",
)
async def create_role_grant(body: schemas.RoleGrantCreate, uow: Uow) -> RoleGrant:
    return await usecases.create_role_grant(uow, body)


@router.post(
    "/assign",
    response_model=schemas.RoleGrantsReport,
    dependencies=[requires("identity.grant.assign")],
    responses=refuses(model.OneRoleOnly),
    summary="Give up to 200 members a role at once",
)
async def assign_role_grants(body: schemas.RoleGrantsAssign, uow: Uow) -> schemas.RoleGrantsReport:
    return await usecases.assign_role_grants(uow, body)


@router.post(
    "/remove",
    response_model=schemas.RoleGrantsReport,
    dependencies=[requires("identity.grant.remove")],
    responses=refuses(model.OneRoleOnly),
    summary="Take a role from up to 200 members at once",
)
async def remove_role_grants(body: schemas.ManyMembers, uow: Uow) -> schemas.RoleGrantsReport:
    return await usecases.remove_role_grants(uow, body)


@router.get(
    "/{role_grant_id}",
    response_model=schemas.RoleGrantRead,
    dependencies=[requires("identity.grant.read")],
    responses=refuses(GrantNotFound),
    summary="Read one role that a member has",
)
async def get_role_grant(role_grant_id: UUID, uow: Uow) -> RoleGrant:
    return await queries.get_grant(uow.session, RoleGrant, role_grant_id)


@router.post(
    "/{role_grant_id}/revoke",
    response_model=schemas.RoleGrantRead,
    dependencies=[requires("identity.grant.revoke"), match_required],
    responses=refuses(*TAKING),
    summary="Take a role from a member",
)
async def revoke_role_grant(role_grant_id: UUID, body: schemas.GrantRevoke, uow: Uow) -> RoleGrant:
    return await usecases.revoke_role_grant(uow, role_grant_id, body.reason)


@single_router.get(
    "",
    response_model=schemas.PermissionGrantPage,
    dependencies=[requires("identity.grant.read")],
    summary="List the single rights given and denied",
)
async def list_permission_grants(
    params: Annotated[schemas.GrantListParams, Query()], uow: Uow
) -> Rows[PermissionGrant]:
    return await queries.list_grants(uow.session, PermissionGrant, params)


@single_router.post(
    "",
    response_model=schemas.PermissionGrantRead,
    status_code=201,
    dependencies=[requires("identity.grant.create")],
    responses=refuses(*GIVING),
    summary="Give or deny a member one right",
)
async def create_permission_grant(body: schemas.PermissionGrantCreate, uow: Uow) -> PermissionGrant:
    return await usecases.create_permission_grant(uow, body)


@single_router.get(
    "/{permission_grant_id}",
    response_model=schemas.PermissionGrantRead,
    dependencies=[requires("identity.grant.read")],
    responses=refuses(GrantNotFound),
    summary="Read one single right",
)
async def get_permission_grant(permission_grant_id: UUID, uow: Uow) -> PermissionGrant:
    return await queries.get_grant(uow.session, PermissionGrant, permission_grant_id)


@single_router.post(
    "/{permission_grant_id}/revoke",
    response_model=schemas.PermissionGrantRead,
    dependencies=[requires("identity.grant.revoke"), match_required],
    responses=refuses(*TAKING),
    summary="Take back a right or a denial",
)
async def revoke_permission_grant(
    permission_grant_id: UUID, body: schemas.GrantRevoke, uow: Uow
) -> PermissionGrant:
    return await usecases.revoke_permission_grant(uow, permission_grant_id, body.reason)
