"""Cash allocations over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.cash_allocations import model, queries, schemas, usecases
from services.budgeting.cash_allocations.model import CashAllocation, CashAllocationNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/cash-allocations", tag="cash")

STEP = (CashAllocationNotFound, MatchMissing, model.CashOutOfStep)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.cash_allocation.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.CashAllocationPage,
    dependencies=_may("read"),
    summary="List the cash received, with what is left of it",
)
async def list_cash_allocations(
    params: Annotated[schemas.CashAllocationFilter, Query()], uow: Uow
) -> Rows[CashAllocation]:
    return await queries.list_cash_allocations(uow.session, params)


@router.post(
    "",
    response_model=schemas.CashAllocationRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(model.CashNumberTaken, model.MonthElsewhere),
    summary="Enter a notice of cash allocation",
)
async def create_cash_allocation(body: schemas.CashAllocationCreate, uow: Uow) -> CashAllocation:
    return await usecases.create_cash_allocation(uow, body)


@router.get(
    "/{cash_allocation_id}",
    response_model=schemas.CashAllocationRead,
    dependencies=_may("read"),
    responses=refuses(CashAllocationNotFound),
    summary="Read a cash allocation",
)
async def get_cash_allocation(cash_allocation_id: UUID, uow: Uow) -> CashAllocation:
    return await queries.get_cash_allocation(uow.session, cash_allocation_id)


@router.delete(
    "/{cash_allocation_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*STEP),
    summary="Delete a notice that nobody confirmed",
)
async def delete_cash_allocation(cash_allocation_id: UUID, uow: Uow) -> None:
    await usecases.delete_cash_allocation(uow, cash_allocation_id)


@router.post(
    "/{cash_allocation_id}/approve",
    response_model=schemas.CashAllocationRead,
    dependencies=_may_now("approve"),
    responses=refuses(*STEP, model.EntererMayNotConfirm),
    summary="Confirm a notice that someone else entered",
)
async def approve_cash_allocation(cash_allocation_id: UUID, uow: Uow) -> CashAllocation:
    return await usecases.approve_cash_allocation(uow, cash_allocation_id)


@router.post(
    "/{cash_allocation_id}/cancel",
    response_model=schemas.CashAllocationRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*STEP),
    summary="Take back a notice of which nothing is used",
)
async def cancel_cash_allocation(
    cash_allocation_id: UUID, body: schemas.CashAllocationCancel, uow: Uow
) -> CashAllocation:
    return await usecases.cancel_cash_allocation(uow, cash_allocation_id, body.reason)
