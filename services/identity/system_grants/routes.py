"""System-wide grants over HTTP; they are given through `approvals`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.problems import refuses
from services.identity.organizations.model import OrganizationNotFound
from services.identity.system_grants import schemas, usecases

router = slice_router(
    prefix="/api/v1/identity/organizations/{organization_id}/system-grants", tag="system grants"
)


@router.get(
    "",
    response_model=schemas.SystemGrantList,
    dependencies=[requires("identity.system_grant.read")],
    responses=refuses(OrganizationNotFound),
    summary="Show who holds which system-wide right within an organization",
)
async def list_system_grants(organization_id: UUID, uow: Uow) -> Any:
    return {"grants": await usecases.list_system_grants(uow, organization_id)}
