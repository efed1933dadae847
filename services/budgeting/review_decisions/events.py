"""What budgeting announces about reviews; each names the organization in which it takes effect."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.reviews.model import Review


class ReviewEvent(Event):
    """The public state of a review; its amounts by line are read from the review itself."""

    review_id: UUID
    for_org_id: UUID
    submission_id: UUID
    proposal_id: UUID
    revision: int
    fiscal_year: int
    status: str
    requested_amount: Money
    approved_amount: Money | None

    @classmethod
    def about(cls, review: Review) -> Self:
        """Return the event about a review as it is now."""
        return cls(
            review_id=review.id,
            for_org_id=review.submission_org_id,
            submission_id=review.submission_id,
            proposal_id=review.proposal_id,
            revision=review.revision,
            fiscal_year=review.fiscal_year,
            status=review.status,
            requested_amount=review.requested_amount,
            approved_amount=review.approved_amount,
        )


class ReviewOpened(ReviewEvent):
    """A submission is under review; it can no longer be withdrawn."""

    subject: ClassVar[str] = "budgeting.review.opened.v1"


class ReviewReturned(ReviewEvent):
    """A submission was given back; another revision may be submitted."""

    subject: ClassVar[str] = "budgeting.review.returned.v1"


class ReviewApproved(ReviewEvent):
    """A submission was approved by amounts; the proposal is settled with them."""

    subject: ClassVar[str] = "budgeting.review.approved.v1"


class ReviewRejected(ReviewEvent):
    """A submission was turned down; another proposal may be begun."""

    subject: ClassVar[str] = "budgeting.review.rejected.v1"
