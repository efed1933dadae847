"""The rights of an organization's own roles over HTTP."""

from __future__ import annotations

from uuid import UUID

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.grants.model import OwnGrant
from services.identity.grants.schemas import GrantRevoke
from services.identity.incompatible_duties.model import DutiesIncompatible
from services.identity.permissions.model import BeyondOwnRights
from services.identity.role_permissions import usecases
from services.identity.roles import model, schemas
from services.identity.roles.model import Role, RoleNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/roles", tag="roles")

CHANGE = (RoleNotFound, MatchMissing, Stale, model.RoleRetired, OwnGrant, BeyondOwnRights)


@router.post(
    "/{role_id}/permissions",
    response_model=schemas.RoleRead,
    dependencies=[requires("identity.role.change"), match_required],
    responses=refuses(*CHANGE, model.RolePermissionTaken, DutiesIncompatible),
    summary="Let a role grant or deny one more thing",
)
async def add_role_permission(role_id: UUID, body: schemas.RolePermissionCreate, uow: Uow) -> Role:
    return await usecases.add_role_permission(uow, role_id, body)


@router.post(
    "/{role_id}/permissions/{permission_id}/remove",
    response_model=schemas.RoleRead,
    dependencies=[requires("identity.role.remove"), match_required],
    responses=refuses(*CHANGE, model.RolePermissionNotFound),
    summary="Let a role say one thing less",
)
async def remove_role_permission(role_id: UUID, permission_id: UUID, uow: Uow) -> Role:
    return await usecases.remove_role_permission(uow, role_id, permission_id)


@router.post(
    "/{role_id}/retire",
    response_model=schemas.RoleRead,
    dependencies=[requires("identity.role.retire"), match_required],
    responses=refuses(*CHANGE),
    summary="Take a role out of use",
)
async def retire_role(role_id: UUID, body: GrantRevoke, uow: Uow) -> Role:
    return await usecases.retire_role(uow, role_id, body.reason)
