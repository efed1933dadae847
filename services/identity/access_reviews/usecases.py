"""What can be done with access reviews: take one out."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.identity.access_reviews.schemas import ReviewExport, review_csv
from services.identity.approvals.model import ApprovalKind
from services.identity.approvals.usecases import use_approval
from services.identity.audit_events.usecases import record
from services.identity.rights.model import MOST_UNAPPROVED, ReviewTooLarge
from services.identity.rights.queries import list_facts


async def export_access_review(uow: UnitOfWork, body: ReviewExport) -> str:
    """Take out everybody's rights; more than a thousand people need a second person's consent."""
    rows = await list_facts(uow.session, uow.actor.org_id, uow.now())
    if len(rows) > MOST_UNAPPROVED:
        if body.approval_id is None:
            raise ReviewTooLarge(f"They are {len(rows)}.")
        await use_approval(uow, body.approval_id, ApprovalKind.people_export)
    await record(
        uow,
        "access_review.exported",
        entity="access_review",
        after={"people": len(rows)},
        reason=body.reason,
    )
    return review_csv(rows)
