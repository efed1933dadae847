"""Planning of all organizations over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from services.ocm.figures.schemas import FiscalYear
from services.ocm.planning_overview import schemas, usecases

router = slice_router(prefix="/api/v1/ocm/planning", tag="oversight")


@router.head("", include_in_schema=False, dependencies=[requires("oversight.all.read")])
@router.get(
    "",
    response_model=schemas.PlanningAnswer,
    dependencies=[requires("oversight.all.read")],
    summary="Plans, goals and PPAs by organization",
)
async def get_planning(
    uow: Uow, fiscal_year: Annotated[FiscalYear, Query()] = None
) -> schemas.PlanningAnswer:
    return await usecases.consolidate_planning(uow, fiscal_year)
