"""Year-end documents over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.postings.model import BalanceExceeded
from services.budgeting.year_end_lines import queries as lines
from services.budgeting.year_end_lines import schemas as line_schemas
from services.budgeting.year_end_lines.model import YearEndLine
from services.budgeting.year_ends import model, queries, schemas, usecases
from services.budgeting.year_ends.model import YearEnd, YearEndNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/year-ends", tag="year ends")

CHANGE = (YearEndNotFound, MatchMissing, model.YearEndOutOfStep)
SETTLE = (*CHANGE, model.PreparerMayNotClose)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.year_end.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.YearEndPage,
    dependencies=_may("read"),
    summary="List closings of fiscal years and their reversals",
)
async def list_year_ends(
    params: Annotated[schemas.YearEndFilter, Query()], uow: Uow
) -> Rows[YearEnd]:
    return await queries.list_year_ends(uow.session, params)


@router.post(
    "",
    response_model=schemas.YearEndRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(model.ClosingDayImpossible, model.YearClosedAlready),
    summary="Plan to close a fiscal year as of a day",
)
async def create_year_end(body: schemas.YearEndCreate, uow: Uow) -> YearEnd:
    return await usecases.create_year_end(uow, body)


@router.get(
    "/{year_end_id}",
    response_model=schemas.YearEndRead,
    dependencies=_may("read"),
    responses=refuses(YearEndNotFound),
    summary="Read a year-end document",
)
async def get_year_end(year_end_id: UUID, uow: Uow) -> YearEnd:
    return await queries.get_year_end(uow.session, year_end_id)


@router.get(
    "/{year_end_id}/preview",
    response_model=schemas.YearEndPreview,
    dependencies=_may("read"),
    responses=refuses(YearEndNotFound),
    summary="Show what the document would do now, and what stands in its way",
)
async def get_preview(year_end_id: UUID, uow: Uow) -> schemas.YearEndPreview:
    return await usecases.preview_year_end(uow, year_end_id)


@router.get(
    "/{year_end_id}/lines",
    response_model=line_schemas.YearEndLinePage,
    dependencies=_may("read"),
    responses=refuses(YearEndNotFound),
    summary="List what an applied closing did to each item, allocation and allotment",
)
async def list_year_end_lines(
    year_end_id: UUID, params: Annotated[line_schemas.YearEndLineFilter, Query()], uow: Uow
) -> Rows[YearEndLine]:
    document = await queries.get_year_end(uow.session, year_end_id)
    return await lines.list_year_end_lines(uow.session, document.id, params)


@router.delete(
    "/{year_end_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*CHANGE),
    summary="Delete a draft",
)
async def delete_year_end(year_end_id: UUID, uow: Uow) -> None:
    await usecases.delete_year_end(uow, year_end_id)


@router.post(
    "/{year_end_id}/submit",
    response_model=schemas.YearEndRead,
    dependencies=_may_now("submit"),
    responses=refuses(*CHANGE, model.YearEndObstructed),
    summary="Close the months of the year and ask for the decision",
)
async def submit_year_end(year_end_id: UUID, uow: Uow) -> YearEnd:
    return await usecases.submit_year_end(uow, year_end_id)


@router.post(
    "/{year_end_id}/approve",
    response_model=schemas.YearEndRead,
    dependencies=_may_now("approve"),
    responses=refuses(
        *SETTLE,
        model.YearEndObstructed,
        model.YearEndMoved,
        model.NextYearUsedIt,
        BalanceExceeded,
    ),
    summary="Close the year, or undo a closing, as somebody else prepared it",
)
async def approve_year_end(year_end_id: UUID, uow: Uow) -> YearEnd:
    return await usecases.approve_year_end(uow, year_end_id)


@router.post(
    "/{year_end_id}/reject",
    response_model=schemas.YearEndRead,
    dependencies=_may_now("reject"),
    responses=refuses(*SETTLE),
    summary="Turn the document down, with the reason",
)
async def reject_year_end(year_end_id: UUID, body: schemas.YearEndReject, uow: Uow) -> YearEnd:
    return await usecases.reject_year_end(uow, year_end_id, body.reason)


@router.post(
    "/{year_end_id}/reverse",
    response_model=schemas.YearEndRead,
    status_code=201,
    dependencies=_may_now("reverse"),
    responses=refuses(*CHANGE, model.YearClosedAlready),
    summary="Plan to undo a closing, by a document of its own",
)
async def reverse_year_end(year_end_id: UUID, body: schemas.YearEndReverse, uow: Uow) -> YearEnd:
    return await usecases.reverse_year_end(uow, year_end_id, body.reason)
