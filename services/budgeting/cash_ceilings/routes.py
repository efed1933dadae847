"""The cash ceiling over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.budgeting.cash_ceilings import queries, schemas, usecases
from services.budgeting.cash_ceilings.model import CashCeiling

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/cash-ceilings", tag="cash")


@router.get(
    "",
    response_model=schemas.CashCeilingPage,
    dependencies=[requires("budgeting.cash_ceiling.read")],
    summary="List when the cash ceiling was switched on and off, the newest first",
)
async def list_cash_ceilings(
    params: Annotated[schemas.CashCeilingFilter, Query()], uow: Uow
) -> Rows[CashCeiling]:
    return await queries.list_cash_ceilings(uow.session, params)


@router.post(
    "",
    response_model=schemas.CashCeilingRead,
    status_code=201,
    dependencies=[requires("budgeting.cash_ceiling.create")],
    summary="Switch the cash ceiling on or off",
)
async def create_cash_ceiling(body: schemas.CashCeilingCreate, uow: Uow) -> CashCeiling:
    return await usecases.create_cash_ceiling(uow, body)
