"""Roles over HTTP: the catalogue, and an organization's own."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import CurrentActor, requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.permissions.model import BeyondOwnRights
from services.identity.roles import model, queries, schemas, usecases
from services.identity.roles.model import Role, RoleNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/roles", tag="roles")
catalogue_router = slice_router(prefix="/api/v1/identity/role-catalogue", tag="roles")


@catalogue_router.get("", response_model=schemas.Catalogue, summary="Read the shipped roles")
async def get_catalogue(actor: CurrentActor) -> schemas.Catalogue:
    del actor  # the same for everyone with a token
    return schemas.shipped_catalogue()


@router.get(
    "",
    response_model=schemas.RolePage,
    dependencies=[requires("identity.role.read")],
    summary="List the organization's own roles",
)
async def list_roles(params: Annotated[schemas.RoleListParams, Query()], uow: Uow) -> Rows[Role]:
    return await queries.list_roles(uow.session, params)


@router.post(
    "",
    response_model=schemas.RoleRead,
    status_code=201,
    dependencies=[requires("identity.role.create")],
    responses=refuses(RoleNotFound, model.RoleNameTaken, model.RoleRetired, BeyondOwnRights),
    summary="Make a role out of rights that are yours to give",
)
async def create_role(body: schemas.RoleCreate, uow: Uow) -> Role:
    return await usecases.create_role(uow, body)


# Before the address of one role, which would take `comparison` for an id.
@router.get(
    "/comparison",
    response_model=schemas.RoleComparison,
    dependencies=[requires("identity.role.read")],
    responses=refuses(RoleNotFound, model.RoleRetired),
    summary="Put two roles side by side: what only one of them has",
)
async def get_comparison(
    uow: Uow,
    first: Annotated[schemas.RoleName, Query()] = "staff",
    second: Annotated[schemas.RoleName, Query()] = "manager",
) -> schemas.RoleComparison:
    return await usecases.compare_roles(uow, first, second)


@router.get(
    "/{role_id}",
    response_model=schemas.RoleRead,
    dependencies=[requires("identity.role.read")],
    responses=refuses(RoleNotFound),
    summary="Read one role",
)
async def get_role(role_id: UUID, uow: Uow) -> Role:
    return await queries.get_role(uow.session, role_id)


@router.patch(
    "/{role_id}",
    response_model=schemas.RoleRead,
    dependencies=[requires("identity.role.change"), match_required],
    responses=refuses(RoleNotFound, MatchMissing, Stale, model.RoleRetired),
    summary="Rename a role",
)
async def change_role(role_id: UUID, body: schemas.RoleChange, uow: Uow) -> Role:
    return await usecases.change_role(uow, role_id, body)
