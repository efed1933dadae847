"""Every SELECT on reviews."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.reviews.model import Review, ReviewNotFound
from services.budgeting.reviews.schemas import ReviewFilter


async def get_review(session: AsyncSession, review_id: UUID) -> Review:
    """Return a review that this organization made, or one of it that is returned or decided."""
    return await _one(session, select(Review).where(Review.id == review_id))


async def get_own_review(session: AsyncSession, org_id: UUID, review_id: UUID) -> Review:
    """Return a review of this organization's own making, locked."""
    statement: Select[Review] = select(Review).where(
        Review.org_id == org_id, Review.id == review_id
    )
    return await _one(session, statement.with_for_update())


async def find_review_of(
    session: AsyncSession, submission_org_id: UUID, submission_id: UUID
) -> Review | None:
    statement: Select[Review] = select(Review).where(
        Review.submission_org_id == submission_org_id, Review.submission_id == submission_id
    )
    return (await session.scalars(statement)).one_or_none()


async def list_reviews(session: AsyncSession, params: ReviewFilter) -> Rows[Review]:
    statement: Select[Review] = select(Review)
    if params.status is not None:
        statement = statement.where(Review.status == params.status)
    if params.fiscal_year is not None:
        statement = statement.where(Review.fiscal_year == params.fiscal_year)
    if params.proposal_id is not None:
        statement = statement.where(Review.proposal_id == params.proposal_id)
    if params.concerns is not None:
        statement = statement.where(
            or_(Review.submission_org_id == params.concerns, Review.org_id == params.concerns)
        )
    return await page(session, statement, Review, params)


async def _one(session: AsyncSession, statement: Select[Review]) -> Review:
    review = (await session.scalars(statement)).one_or_none()
    if review is None:
        raise ReviewNotFound
    return review
