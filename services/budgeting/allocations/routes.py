"""Allocations over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.allocations import model, queries, schemas, usecases
from services.budgeting.allocations.model import Allocation, AllocationNotFound
from services.budgeting.appropriation_items.model import AppropriationItemNotFound
from services.budgeting.postings.model import BalanceExceeded, NotWithinValidity, PeriodClosed
from services.budgeting.programs.model import ProgramNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/allocations", tag="allocations")


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.allocation.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (AllocationNotFound, MatchMissing)
DRAFT = (*CHANGE, model.AllocationNotDraft)
POST = (BalanceExceeded, NotWithinValidity, PeriodClosed)


@router.get(
    "",
    response_model=schemas.AllocationPage,
    dependencies=_may("read"),
    summary="List allocations with their balances",
)
async def list_allocations(
    params: Annotated[schemas.AllocationFilter, Query()], uow: Uow
) -> Rows[Allocation]:
    return await queries.list_allocations(uow.session, params)


@router.post(
    "",
    response_model=schemas.AllocationRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(
        AppropriationItemNotFound,
        ProgramNotFound,
        model.ProgramNotFunded,
        model.LumpSumUnnamed,
        model.AllocationExists,
        model.AppropriationExceeded,
    ),
    summary="Plan to give a part of an item to a program",
)
async def create_allocation(body: schemas.AllocationCreate, uow: Uow) -> Allocation:
    return await usecases.create_allocation(uow, body)


@router.get(
    "/{allocation_id}",
    response_model=schemas.AllocationRead,
    dependencies=_may("read"),
    responses=refuses(AllocationNotFound),
    summary="Read an allocation with its balances",
)
async def get_allocation(allocation_id: UUID, uow: Uow) -> Allocation:
    return await queries.get_allocation(uow.session, allocation_id)


@router.patch(
    "/{allocation_id}",
    response_model=schemas.AllocationRead,
    dependencies=_may_now("change"),
    responses=refuses(*DRAFT, model.AppropriationExceeded),
    summary="Edit a draft allocation",
)
async def change_allocation(
    allocation_id: UUID, body: schemas.AllocationChange, uow: Uow
) -> Allocation:
    return await usecases.change_allocation(uow, allocation_id, body)


@router.delete(
    "/{allocation_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*DRAFT),
    summary="Delete a draft allocation",
)
async def delete_allocation(allocation_id: UUID, uow: Uow) -> None:
    await usecases.delete_allocation(uow, allocation_id)


@router.post(
    "/{allocation_id}/approve",
    response_model=schemas.AllocationRead,
    dependencies=_may_now("approve"),
    responses=refuses(*DRAFT, model.CreatorMayNotApproveAllocation, *POST),
    summary="Approve an allocation that someone else prepared",
)
async def approve_allocation(allocation_id: UUID, uow: Uow) -> Allocation:
    return await usecases.approve_allocation(uow, allocation_id)


@router.post(
    "/{allocation_id}/close",
    response_model=schemas.AllocationRead,
    dependencies=_may_now("close"),
    responses=refuses(*CHANGE, model.AllocationNotOpen, model.AllocationInUse),
    summary="End an allocation with nothing left to pay",
)
async def close_allocation(allocation_id: UUID, uow: Uow) -> Allocation:
    return await usecases.close_allocation(uow, allocation_id)


@router.post(
    "/{allocation_id}/cancel",
    response_model=schemas.AllocationRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*CHANGE, model.AllocationNotOpen, model.AllocationInUse, *POST),
    summary="Give up an allocation of which nothing is allotted",
)
async def cancel_allocation(
    allocation_id: UUID, body: schemas.AllocationCancel, uow: Uow
) -> Allocation:
    return await usecases.cancel_allocation(uow, allocation_id, body.reason)
