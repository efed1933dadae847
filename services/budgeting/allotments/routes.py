"""Allotments over HTTP."""

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
from services.budgeting.allotments import model, queries, schemas, usecases
from services.budgeting.allotments.model import Allotment, AllotmentNotFound, AllotmentOutOfStep
from services.budgeting.known_organizations.model import NO_ISSUE_FOR
from services.budgeting.postings import model as ledger

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/allotments", tag="allotments")

CHANGE = (AllotmentNotFound, MatchMissing, AllotmentOutOfStep)
POST = (ledger.BalanceExceeded, ledger.PeriodClosed, ledger.NotWithinValidity, ledger.LevelClosed)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.allotment.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "", response_model=schemas.AllotmentPage, dependencies=_may("read"), summary="List allotments"
)
async def list_allotments(
    params: Annotated[schemas.AllotmentFilter, Query()], uow: Uow
) -> Rows[Allotment]:
    return await queries.list_allotments(uow.session, uow.actor.org_id, params)


@router.post(
    "",
    response_model=schemas.AllotmentRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(AllocationNotFound, AllocationNotOpen, model.AllocationSpokenFor),
    summary="Ask for a part of an allocation",
)
async def create_allotment(body: schemas.AllotmentCreate, uow: Uow) -> Allotment:
    return await usecases.create_allotment(uow, body)


@router.get(
    "/{allotment_id}",
    response_model=schemas.AllotmentRead,
    dependencies=_may("read"),
    responses=refuses(AllotmentNotFound),
    summary="Read an allotment with its balances",
)
async def get_allotment(allotment_id: UUID, uow: Uow) -> Allotment:
    return await queries.get_allotment(uow.session, allotment_id)


@router.patch(
    "/{allotment_id}",
    response_model=schemas.AllotmentRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, model.AllocationSpokenFor),
    summary="Ask for another amount, before approval",
)
async def change_allotment(
    allotment_id: UUID, body: schemas.AllotmentChange, uow: Uow
) -> Allotment:
    return await usecases.change_allotment(uow, allotment_id, body)


@router.post(
    "/{allotment_id}/approve",
    response_model=schemas.AllotmentRead,
    dependencies=_may_now("approve"),
    responses=refuses(*CHANGE, model.PreparerMayNotApproveAllotment),
    summary="Agree to an allotment that someone else asked for",
)
async def approve_allotment(allotment_id: UUID, uow: Uow) -> Allotment:
    return await usecases.approve_allotment(uow, allotment_id)


@router.post(
    "/{allotment_id}/submit",
    response_model=schemas.AllotmentRead,
    dependencies=_may_now("submit"),
    responses=refuses(*CHANGE, *NO_ISSUE_FOR),
    summary="Show an approved allotment to the office that releases",
)
async def submit_allotment(
    allotment_id: UUID, body: schemas.AllotmentSubmit, uow: Uow
) -> Allotment:
    return await usecases.submit_allotment(uow, allotment_id, body.release_org_id)


@router.post(
    "/{allotment_id}/release",
    response_model=schemas.AllotmentRead,
    dependencies=_may_now("release"),
    responses=refuses(*CHANGE, *POST),
    summary="Release an approved allotment under the next number",
)
async def release_allotment(
    allotment_id: UUID, body: schemas.AllotmentRelease, uow: Uow
) -> Allotment:
    return await usecases.release_allotment(uow, allotment_id, body)


@router.post(
    "/{allotment_id}/adjust",
    response_model=schemas.AllotmentRead,
    dependencies=_may_now("adjust"),
    responses=refuses(*CHANGE, *POST, ledger.AmountOutOfBounds),
    summary="Raise or lower a released allotment",
)
async def adjust_allotment(
    allotment_id: UUID, body: schemas.AllotmentAdjust, uow: Uow
) -> Allotment:
    return await usecases.adjust_allotment(uow, allotment_id, body)


@router.post(
    "/{allotment_id}/cancel",
    response_model=schemas.AllotmentRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*CHANGE, *POST, model.AllotmentInUse),
    summary="Give up an allotment of which nothing is used",
)
async def cancel_allotment(
    allotment_id: UUID, body: schemas.AllotmentCancel, uow: Uow
) -> Allotment:
    return await usecases.cancel_allotment(uow, allotment_id, body)


@router.post(
    "/{allotment_id}/close",
    response_model=schemas.AllotmentRead,
    dependencies=_may_now("close"),
    responses=refuses(*CHANGE, model.AllotmentInUse),
    summary="End an allotment; what is not obligated lapses",
)
async def close_allotment(allotment_id: UUID, uow: Uow) -> Allotment:
    return await usecases.close_allotment(uow, allotment_id)
