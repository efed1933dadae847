"""Everything of all organizations over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from services.ocm.figures.schemas import FiscalYear
from services.ocm.overview import schemas, usecases

router = slice_router(prefix="/api/v1/ocm/overview", tag="oversight")


@router.head("", include_in_schema=False, dependencies=[requires("oversight.all.read")])
@router.get(
    "",
    response_model=schemas.OverviewAnswer,
    dependencies=[requires("oversight.all.read")],
    summary="All figures by organization, on one page",
)
async def get_overview(
    uow: Uow, fiscal_year: Annotated[FiscalYear, Query()] = None
) -> schemas.OverviewAnswer:
    return await usecases.consolidate_overview(uow, fiscal_year)
