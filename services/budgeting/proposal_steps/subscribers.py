"""What issuers of budget calls decide, taking effect on this organization's proposals."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.budgeting.deliveries.usecases import deliver
from services.budgeting.proposal_steps import usecases


class IssuedReview(BaseModel):
    """The review, and the revision that it is about."""

    review_id: UUID
    proposal_id: UUID
    revision: int


@subscriber("budgeting.review.opened.v1", acts_for="for_org_id")
async def begin_issued_review(event: IssuedReview, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let the proposal be under review, as its submission is."""
    effect = usecases.begin_issued_review(uow, event.proposal_id, event.revision, meta.actor_id)
    await deliver(uow, meta, event.review_id, effect)


@subscriber(
    "budgeting.review.returned.v1",
    "budgeting.review.approved.v1",
    "budgeting.review.rejected.v1",
    acts_for="for_org_id",
)
async def follow_issued_review(event: IssuedReview, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let the issuer's decision settle or return the proposal."""
    effect = usecases.follow_issued_review(uow, event.review_id, meta.actor_id)
    await deliver(uow, meta, event.review_id, effect)
