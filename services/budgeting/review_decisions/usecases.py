"""What the issuer of a call does with submissions; the organizations' own rows follow by event."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal, Stale
from services.budgeting.ceilings.usecases import keep_to_shared_ceilings
from services.budgeting.programs.model import Grant
from services.budgeting.review_decisions.events import (
    ReviewApproved,
    ReviewOpened,
    ReviewRejected,
    ReviewReturned,
)
from services.budgeting.review_decisions.schemas import BulkOutcome, BulkOutcomes, BulkReview
from services.budgeting.review_rows.usecases import merged_amounts, returned_rows
from services.budgeting.reviews.model import (
    Review,
    ReviewExists,
    ReviewStatus,
    SubmissionOutdated,
    recommend_amounts,
)
from services.budgeting.reviews.queries import find_review_of, get_own_review
from services.budgeting.reviews.schemas import ProgramRecommendation, ReviewRecommend, ReviewReturn
from services.budgeting.submissions.model import Submission, SubmissionNotFound, totals_of
from services.budgeting.submissions.queries import get_received, is_standing


async def create_review(uow: UnitOfWork, submission_id: UUID) -> Review:
    """Begin to review what was submitted to this organization; it cannot be withdrawn any more."""
    submission = await get_received(uow.session, submission_id)
    if submission.reviewer_org_id != uow.actor.org_id or submission.budget_call_id is None:
        raise SubmissionNotFound
    await _check_standing(uow, submission)
    if await find_review_of(uow.session, submission.org_id, submission.id) is not None:
        raise ReviewExists
    review = Review(
        submission_org_id=submission.org_id,
        submission_id=submission.id,
        proposal_id=submission.proposal_id,
        revision=submission.revision,
        budget_call_id=submission.budget_call_id,
        fiscal_year=submission.fiscal_year,
        title=submission.title,
        status=ReviewStatus.open,
        remarks="",
        programs=[],
        totals=[],
        requested_amount=submission.total_amount,
    )
    uow.session.add(review)
    await uow.session.flush()
    uow.publish(ReviewOpened.about(review), of=review)
    return review


async def recommend_review(uow: UnitOfWork, review_id: UUID, told: ReviewRecommend) -> Review:
    """Propose an amount for every program and line; someone else decides on them."""
    review = await _locked(uow, review_id)
    review.check_pending()
    submission = await get_received(uow.session, review.submission_id)
    grants: list[Grant] | None = None
    if told.rows is not None:
        grants = merged_amounts(submission.content, review.programs, told.rows)
    elif told.programs is not None:
        grants = [_grant(each) for each in told.programs]
    review.programs = recommend_amounts(submission.content, grants)
    amounts = {
        line["line_item_id"]: Decimal(line["recommended_amount"])
        for program in review.programs
        for line in program["line_items"]
    }
    review.totals = totals_of(submission.content, amounts)
    review.recommended_amount = sum(amounts.values(), Decimal("0.00"))
    review.recommend(by=uow.actor.user_id, at=uow.now(), remarks=told.remarks)
    return review


async def return_review(uow: UnitOfWork, review_id: UUID, told: ReviewReturn) -> Review:
    """Give a submission back with remarks; its organization may submit another revision."""
    review = await _locked(uow, review_id)
    review.check_pending()
    remarks = told.remarks
    if told.rows is not None:
        submission = await get_received(uow.session, review.submission_id)
        remarks = f"{remarks}\n{returned_rows(submission.content, told.rows)}"
    review.return_(remarks=remarks)
    uow.publish(ReviewReturned.about(review), of=review)
    return review


async def approve_review(uow: UnitOfWork, review_id: UUID, remarks: str) -> Review:
    """Give the recommended amounts; ceilings over all organizations together hold here."""
    review = await _locked(uow, review_id)
    review.decide(ReviewStatus.approved, by=uow.actor.user_id, at=uow.now(), remarks=remarks)
    await _check_standing(uow, await get_received(uow.session, review.submission_id))
    await keep_to_shared_ceilings(uow, review.budget_call_id, review.proposal_id, review.totals)
    uow.publish(ReviewApproved.about(review), of=review)
    return review


async def reject_review(uow: UnitOfWork, review_id: UUID, reason: str) -> Review:
    """Turn a submission down, with the reason; its organization may begin another proposal."""
    review = await _locked(uow, review_id)
    review.decide(ReviewStatus.rejected, by=uow.actor.user_id, at=uow.now(), remarks=reason)
    uow.publish(ReviewRejected.about(review), of=review)
    return review


async def decide_reviews(uow: UnitOfWork, told: BulkReview) -> BulkOutcomes:
    """Decide many reviews, each whole or not at all; one that is refused does not stop the next."""
    decide = approve_review if told.decision == "approved" else reject_review
    results = []
    for each in told.reviews:
        refused: Refusal | None = None
        try:
            async with uow.attempt():
                review = await get_own_review(uow.session, uow.actor.org_id, each.review_id)
                if review.version != each.version:
                    raise Stale
                await decide(uow, each.review_id, each.remarks)
        except Refusal as refusal:
            refused = refusal
        results.append(
            BulkOutcome(
                review_id=each.review_id,
                is_done=refused is None,
                code=refused.code() if refused else None,
                detail=(refused.detail or refused.title) if refused else None,
            )
        )
    return BulkOutcomes(results=results)


async def _locked(uow: UnitOfWork, review_id: UUID) -> Review:
    review = await get_own_review(uow.session, uow.actor.org_id, review_id)
    uow.expect(review)
    return review


async def _check_standing(uow: UnitOfWork, submission: Submission) -> None:
    if not await is_standing(uow.session, submission):
        raise SubmissionOutdated


def _grant(told: ProgramRecommendation) -> Grant:
    lines = told.line_items
    return Grant(
        program_id=told.program_id,
        amount=told.recommended_amount,
        lines=None
        if lines is None
        else [(each.line_item_id, each.recommended_amount) for each in lines],
    )
