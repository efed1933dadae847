"""Reviews over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.ceilings.model import CeilingExceeded
from services.budgeting.review_decisions import schemas as bulk
from services.budgeting.review_decisions import usecases
from services.budgeting.review_rows.model import RowsRefused
from services.budgeting.reviews import model, queries, schemas
from services.budgeting.reviews.model import Review, ReviewNotFound
from services.budgeting.submissions.model import SubmissionNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/reviews", tag="reviews")


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.review.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (ReviewNotFound, MatchMissing, model.ReviewNotPending)
SETTLE = (*CHANGE, model.ReviewNotRecommended, model.RecommenderMayNotDecide)
AMOUNTS = (
    model.RecommendationIncomplete,
    model.RecommendationAboveRequest,
    model.RecommendationNotTotal,
)


@router.get(
    "",
    response_model=schemas.ReviewPage,
    dependencies=_may("read"),
    summary="List reviews: one's own, and settled ones of one's own submissions",
)
async def list_reviews(params: Annotated[schemas.ReviewFilter, Query()], uow: Uow) -> Rows[Review]:
    return await queries.list_reviews(uow.session, params)


@router.post(
    "",
    response_model=schemas.ReviewRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(SubmissionNotFound, model.SubmissionOutdated, model.ReviewExists),
    summary="Open a submission for review",
)
async def create_review(body: schemas.ReviewCreate, uow: Uow) -> Review:
    return await usecases.create_review(uow, body.submission_id)


@router.post(
    "/decide",
    response_model=bulk.BulkOutcomes,
    dependencies=_may("decide"),
    summary="Decide many reviews, each by itself",
)
async def decide_reviews(body: bulk.BulkReview, uow: Uow) -> bulk.BulkOutcomes:
    return await usecases.decide_reviews(uow, body)


@router.get(
    "/{review_id}",
    response_model=schemas.ReviewRead,
    dependencies=_may("read"),
    responses=refuses(ReviewNotFound),
    summary="Read a review with its amounts",
)
async def get_review(review_id: UUID, uow: Uow) -> Review:
    return await queries.get_review(uow.session, review_id)


@router.post(
    "/{review_id}/recommend",
    response_model=schemas.ReviewRead,
    dependencies=_may_now("recommend"),
    responses=refuses(*CHANGE, *AMOUNTS, RowsRefused),
    summary="Recommend amounts, as requested, for every program, or for some rows",
)
async def recommend_review(
    review_id: UUID, uow: Uow, body: schemas.ReviewRecommend | None = None
) -> Review:
    return await usecases.recommend_review(uow, review_id, body or schemas.ReviewRecommend())


@router.post(
    "/{review_id}/return",
    response_model=schemas.ReviewRead,
    dependencies=_may_now("return"),
    responses=refuses(*CHANGE, RowsRefused),
    summary="Give a submission back with remarks, also on many of its rows",
)
async def return_review(review_id: UUID, body: schemas.ReviewReturn, uow: Uow) -> Review:
    return await usecases.return_review(uow, review_id, body)


@router.post(
    "/{review_id}/approve",
    response_model=schemas.ReviewRead,
    dependencies=_may_now("approve"),
    responses=refuses(*SETTLE, model.SubmissionOutdated, CeilingExceeded),
    summary="Give the amounts that someone else recommended",
)
async def approve_review(
    review_id: UUID, uow: Uow, body: schemas.ReviewApprove | None = None
) -> Review:
    return await usecases.approve_review(uow, review_id, body.remarks if body else "")


@router.post(
    "/{review_id}/reject",
    response_model=schemas.ReviewRead,
    dependencies=_may_now("reject"),
    responses=refuses(*SETTLE),
    summary="Turn a submission down, with the reason",
)
async def reject_review(review_id: UUID, body: schemas.ReviewReject, uow: Uow) -> Review:
    return await usecases.reject_review(uow, review_id, body.reason)
