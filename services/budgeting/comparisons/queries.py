"""Every SELECT of comparisons: the review, the enacted items and the frozen texts of a proposal."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.proposal_states.model import ProposalKind
from services.budgeting.proposals.model import Proposal
from services.budgeting.reviews.model import Review
from services.budgeting.submissions.model import Submission

ACTS_FOR = {ProposalKind.annual: "general", ProposalKind.supplemental: "supplemental"}
"""Which kind of act answers which kind of proposal."""


async def find_review_of_revision(session: AsyncSession, proposal: Proposal) -> Review | None:
    """Return the issuer's review of the last revision, as far as it is to be read here."""
    statement: Select[Review] = select(Review).where(
        Review.proposal_id == proposal.id,
        Review.submission_org_id == proposal.org_id,
        Review.revision == proposal.revision,
    )
    return (await session.scalars(statement)).first()


async def list_enacted(session: AsyncSession, proposal: Proposal) -> list[AppropriationItem]:
    statement: Select[AppropriationItem] = (
        select(AppropriationItem)
        .where(
            AppropriationItem.org_id == proposal.org_id,
            AppropriationItem.fiscal_year == proposal.fiscal_year,
            AppropriationItem.kind == ACTS_FOR[ProposalKind(proposal.kind)],
        )
        .order_by(AppropriationItem.created_at, AppropriationItem.id)
    )
    return list(await session.scalars(statement))


async def list_texts(
    session: AsyncSession, proposal_id: UUID, revisions: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Return the frozen texts of some revisions."""
    statement = select(Submission.revision, Submission.content).where(
        Submission.proposal_id == proposal_id, Submission.revision.in_(revisions)
    )
    return dict((await session.execute(statement)).all())
