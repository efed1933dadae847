"""Stand-ins over HTTP: for reading."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.budgeting.stand_ins import queries, schemas
from services.budgeting.stand_ins.model import StandIn

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/stand-ins", tag="stand-ins")


@router.get(
    "",
    response_model=schemas.StandInPage,
    dependencies=[requires("budgeting.stand_in.read")],
    summary="List who decided for whom",
)
async def list_stand_ins(
    params: Annotated[schemas.StandInFilter, Query()], uow: Uow
) -> Rows[StandIn]:
    return await queries.list_stand_ins(uow.session, params)
