"""The register over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.organizations import model, queries, schemas, usecases
from services.identity.organizations.model import Module, Organization, OrganizationNotFound

router = slice_router(prefix="/api/v1/identity/organizations", tag="organizations")


@router.get("", response_model=schemas.OrganizationPage, summary="List the register")
async def list_organizations(
    params: Annotated[schemas.OrganizationListParams, Query()], uow: Uow
) -> Rows[Organization]:  # type: ignore[type-var]
    return await queries.list_organizations(uow.session, params)


@router.get(
    "/{organization_id}",
    response_model=schemas.OrganizationRead,
    responses=refuses(OrganizationNotFound),
    summary="Read one organization of the register",
)
async def get_organization(organization_id: UUID, uow: Uow) -> Organization:
    return await queries.get_organization(uow.session, organization_id)


@router.post(
    "/{organization_id}/modules/{module}/enable",
    response_model=schemas.OrganizationRead,
    dependencies=[requires("identity.module.enable")],
    responses=refuses(OrganizationNotFound, model.ModuleAlreadyEnabled, Stale),
    summary="Switch a module on for an organization",
)
async def enable_module(
    organization_id: UUID, module: Module, body: schemas.ModuleSwitch, uow: Uow
) -> Organization:
    return await usecases.enable_module(uow, organization_id, module, body.reason)


@router.post(
    "/{organization_id}/modules/{module}/disable",
    response_model=schemas.OrganizationRead,
    dependencies=[requires("identity.module.disable")],
    responses=refuses(OrganizationNotFound, model.ModuleAlreadyDisabled, Stale),
    summary="Switch a module off for an organization",
)
async def disable_module(
    organization_id: UUID, module: Module, body: schemas.ModuleSwitch, uow: Uow
) -> Organization:
    return await usecases.disable_module(uow, organization_id, module, body.reason)
