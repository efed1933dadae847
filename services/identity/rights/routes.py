"""Rights over HTTP: may someone do something, and why; who may; and what runs out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import StringConstraints

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.problems import refuses
from services.identity.organizations.model import OrganizationNotFound
from services.identity.rights import schemas, usecases
from services.identity.rights.model import NotYourMatter, PersonNotFound
from services.identity.rights.schemas import Permission

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/access", tag="rights")
check_router = slice_router(prefix="/api/v1/identity/check", tag="rights")

Code = Annotated[str, StringConstraints(max_length=20, pattern="^[A-Za-z][A-Za-z0-9-]*$")]


@check_router.get(
    "",
    response_model=schemas.CheckRead,
    responses=refuses(NotYourMatter, PersonNotFound, OrganizationNotFound),
    summary="May someone do something, and why",
)
async def get_check(
    uow: Uow,
    permission: Annotated[Permission, Query()],
    person: UUID | None = None,
    organization: Annotated[Code | None, Query()] = None,
) -> schemas.CheckRead:
    return await usecases.get_check(uow, person, permission, organization)


@router.get(
    "/holders",
    response_model=schemas.HoldersRead,
    dependencies=[requires("identity.grant.read")],
    responses=refuses(OrganizationNotFound),
    summary="Who may do one thing",
)
async def list_holders(
    uow: Uow,
    permission: Annotated[Permission, Query()] = "planning.strategic_plan.approve",
) -> schemas.HoldersRead:
    return await usecases.list_holders(uow, permission)


@router.get(
    "/expiring",
    response_model=schemas.RunningOutRead,
    dependencies=[requires("identity.grant.read")],
    summary="Which roles and rights end soon",
)
async def list_expiring(
    uow: Uow, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> schemas.RunningOutRead:
    return await usecases.list_expiring(uow, days)
