"""Budget of all organizations over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from services.ocm.budget_overview import schemas, usecases
from services.ocm.figures.schemas import FiscalYear

router = slice_router(prefix="/api/v1/ocm/budget", tag="oversight")


@router.head("", include_in_schema=False, dependencies=[requires("oversight.all.read")])
@router.get(
    "",
    response_model=schemas.BudgetAnswer,
    dependencies=[requires("oversight.all.read")],
    summary="Proposed and approved budgets by organization",
)
async def get_budget(
    uow: Uow, fiscal_year: Annotated[FiscalYear, Query()] = None
) -> schemas.BudgetAnswer:
    return await usecases.consolidate_budget(uow, fiscal_year)
