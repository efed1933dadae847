"""Special provisions over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.planning.special_provisions import queries, schemas
from services.planning.special_provisions.model import SpecialProvision

router = slice_router(
    prefix="/api/v1/moa/{org_code}/planning/special-provisions", tag="special provisions"
)


@router.get(
    "",
    response_model=schemas.ProvisionPage,
    dependencies=[requires("planning.special_provision.read")],
    summary="List the special provisions of the organization's appropriations",
)
async def list_special_provisions(
    params: Annotated[schemas.ProvisionFilter, Query()], uow: Uow
) -> Rows[SpecialProvision]:
    return await queries.list_special_provisions(uow.session, params)
