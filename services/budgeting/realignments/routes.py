"""Realignments over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.allocations.model import AllocationNotFound, AllocationNotOpen
from services.budgeting.appropriation_items.model import AppropriationItemNotFound
from services.budgeting.postings.model import BalanceExceeded, NotWithinValidity, PeriodClosed
from services.budgeting.realignments import model, queries, schemas, usecases
from services.budgeting.realignments.model import Realignment, RealignmentNotFound
from services.budgeting.savings.model import SavingExceeded, SavingNotFound, SavingOutOfStep

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/realignments", tag="realignments")


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.realignment.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (RealignmentNotFound, MatchMissing)
DRAFT = (*CHANGE, model.RealignmentNotDraft)
SETTLE = (
    *CHANGE,
    model.RealignmentNotSubmitted,
    model.PreparerMayNotRealign,
    model.IssuerDecides,
)


@router.get(
    "",
    response_model=schemas.RealignmentPage,
    dependencies=_may("read"),
    summary="List realignments",
)
async def list_realignments(
    params: Annotated[schemas.RealignmentFilter, Query()], uow: Uow
) -> Rows[Realignment]:
    return await queries.list_realignments(uow.session, uow.actor.org_id, params)


@router.post(
    "",
    response_model=schemas.RealignmentRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(
        AppropriationItemNotFound,
        AllocationNotFound,
        AllocationNotOpen,
        model.RealignmentIncomparable,
        model.RealignmentAcross,
        model.NotTheSavingsItem,
        SavingNotFound,
        SavingOutOfStep,
        SavingExceeded,
    ),
    summary="Plan to move money between two items or two allocations",
)
async def create_realignment(body: schemas.RealignmentCreate, uow: Uow) -> Realignment:
    return await usecases.create_realignment(uow, body)


@router.get(
    "/{realignment_id}",
    response_model=schemas.RealignmentRead,
    dependencies=_may("read"),
    responses=refuses(RealignmentNotFound),
    summary="Read a realignment",
)
async def get_realignment(realignment_id: UUID, uow: Uow) -> Realignment:
    return await queries.get_realignment(uow.session, realignment_id)


@router.patch(
    "/{realignment_id}",
    response_model=schemas.RealignmentRead,
    dependencies=_may_now("change"),
    responses=refuses(*DRAFT),
    summary="Edit a draft realignment",
)
async def change_realignment(
    realignment_id: UUID, body: schemas.RealignmentChange, uow: Uow
) -> Realignment:
    return await usecases.change_realignment(uow, realignment_id, body)


@router.delete(
    "/{realignment_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*DRAFT),
    summary="Delete a draft realignment",
)
async def delete_realignment(realignment_id: UUID, uow: Uow) -> None:
    await usecases.delete_realignment(uow, realignment_id)


@router.post(
    "/{realignment_id}/submit",
    response_model=schemas.RealignmentRead,
    dependencies=_may_now("submit"),
    responses=refuses(*DRAFT),
    summary="Ask for the decision on a realignment",
)
async def submit_realignment(realignment_id: UUID, uow: Uow) -> Realignment:
    return await usecases.submit_realignment(uow, realignment_id)


@router.post(
    "/{realignment_id}/withdraw",
    response_model=schemas.RealignmentRead,
    dependencies=_may_now("withdraw"),
    responses=refuses(*CHANGE, model.RealignmentNotSubmitted),
    summary="Take a realignment back before the decision",
)
async def withdraw_realignment(realignment_id: UUID, uow: Uow) -> Realignment:
    return await usecases.withdraw_realignment(uow, realignment_id)


@router.post(
    "/{realignment_id}/approve",
    response_model=schemas.RealignmentRead,
    dependencies=_may_now("approve"),
    responses=refuses(
        *SETTLE,
        AllocationNotOpen,
        BalanceExceeded,
        NotWithinValidity,
        PeriodClosed,
        model.NothingLacking,
        SavingOutOfStep,
        SavingExceeded,
    ),
    summary="Move the money that someone else asked to move",
)
async def approve_realignment(realignment_id: UUID, uow: Uow) -> Realignment:
    return await usecases.approve_realignment(uow, realignment_id)


@router.post(
    "/{realignment_id}/reject",
    response_model=schemas.RealignmentRead,
    dependencies=_may_now("reject"),
    responses=refuses(*SETTLE),
    summary="Turn a realignment down, with the reason",
)
async def reject_realignment(
    realignment_id: UUID, body: schemas.RealignmentReject, uow: Uow
) -> Realignment:
    return await usecases.reject_realignment(uow, realignment_id, body.reason)
