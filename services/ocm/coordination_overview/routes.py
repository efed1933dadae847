"""Coordination of all organizations over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from services.ocm.coordination_overview import schemas, usecases
from services.ocm.figures.schemas import FiscalYear

router = slice_router(prefix="/api/v1/ocm/coordination", tag="oversight")


@router.head("", include_in_schema=False, dependencies=[requires("oversight.all.read")])
@router.get(
    "",
    response_model=schemas.CoordinationAnswer,
    dependencies=[requires("oversight.all.read")],
    summary="Partnerships between organizations",
)
async def get_coordination(
    uow: Uow, fiscal_year: Annotated[FiscalYear, Query()] = None
) -> schemas.CoordinationAnswer:
    return await usecases.consolidate_coordination(uow, fiscal_year)
