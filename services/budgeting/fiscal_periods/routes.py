"""Fiscal periods over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.fiscal_periods import queries, schemas, usecases
from services.budgeting.fiscal_periods.model import (
    FiscalPeriod,
    FiscalPeriodNotFound,
    FiscalYearOpenedAlready,
    PeriodOutOfStep,
)

router = slice_router(
    prefix="/api/v1/moa/{org_code}/budgeting/fiscal-periods", tag="fiscal periods"
)

STEP = refuses(FiscalPeriodNotFound, MatchMissing, PeriodOutOfStep)


def _may_now(verb: str) -> list[Any]:
    return [requires(f"budgeting.fiscal_period.{verb}"), match_required]


@router.get(
    "",
    response_model=schemas.FiscalPeriodPage,
    dependencies=[requires("budgeting.fiscal_period.read")],
    summary="List the months of the books",
)
async def list_fiscal_periods(
    params: Annotated[schemas.FiscalPeriodFilter, Query()], uow: Uow
) -> Rows[FiscalPeriod]:
    return await queries.list_fiscal_periods(uow.session, params)


@router.post(
    "",
    response_model=schemas.FiscalPeriodRead,
    status_code=201,
    dependencies=[requires("budgeting.fiscal_period.create")],
    responses=refuses(FiscalYearOpenedAlready),
    summary="Make the twelve months of a fiscal year, all open",
)
async def create_fiscal_periods(body: schemas.FiscalYearOpen, uow: Uow) -> FiscalPeriod:
    return await usecases.create_fiscal_periods(uow, body.fiscal_year)


@router.get(
    "/{fiscal_period_id}",
    response_model=schemas.FiscalPeriodRead,
    dependencies=[requires("budgeting.fiscal_period.read")],
    responses=refuses(FiscalPeriodNotFound),
    summary="Read a month of the books",
)
async def get_fiscal_period(fiscal_period_id: UUID, uow: Uow) -> FiscalPeriod:
    return await queries.get_fiscal_period(uow.session, fiscal_period_id)


@router.post(
    "/{fiscal_period_id}/soft-close",
    response_model=schemas.FiscalPeriodRead,
    dependencies=_may_now("soft_close"),
    responses=STEP,
    summary="Let only corrections into a month",
)
async def soft_close_fiscal_period(fiscal_period_id: UUID, uow: Uow) -> FiscalPeriod:
    return await usecases.soft_close_fiscal_period(uow, fiscal_period_id)


@router.post(
    "/{fiscal_period_id}/close",
    response_model=schemas.FiscalPeriodRead,
    dependencies=_may_now("close"),
    responses=STEP,
    summary="Close a month to all postings",
)
async def close_fiscal_period(fiscal_period_id: UUID, uow: Uow) -> FiscalPeriod:
    return await usecases.close_fiscal_period(uow, fiscal_period_id)


@router.post(
    "/{fiscal_period_id}/reopen",
    response_model=schemas.FiscalPeriodRead,
    dependencies=_may_now("reopen"),
    responses=STEP,
    summary="Open a month again, with the reason",
)
async def reopen_fiscal_period(
    fiscal_period_id: UUID, body: schemas.FiscalPeriodReopen, uow: Uow
) -> FiscalPeriod:
    return await usecases.reopen_fiscal_period(uow, fiscal_period_id, body.reason)
