"""Every SELECT on submissions as the issuer of the call receives them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from libs.chassis.paging import Rows, page
from services.budgeting.submissions.model import Submission, SubmissionNotFound, Withdrawal
from services.budgeting.submissions.schemas import ReceivedFilter


def standing() -> Select[Submission]:
    """Return the submissions that count: the last of each proposal, unless it was withdrawn."""
    later = aliased(Submission)
    return select(Submission).where(
        ~exists().where(
            later.org_id == Submission.org_id,
            later.proposal_id == Submission.proposal_id,
            later.revision > Submission.revision,
        ),
        ~exists().where(
            Withdrawal.org_id == Submission.org_id, Withdrawal.submission_id == Submission.id
        ),
    )


async def list_received(
    session: AsyncSession, org_id: UUID, params: ReceivedFilter
) -> Rows[Submission]:
    statement = select(Submission) if params.all_revisions else standing()
    statement = statement.where(Submission.reviewer_org_id == org_id)
    if params.fiscal_year is not None:
        statement = statement.where(Submission.fiscal_year == params.fiscal_year)
    if params.org_id is not None:
        statement = statement.where(Submission.org_id == params.org_id)
    return await page(session, statement.options(defer(Submission.content)), Submission, params)


async def get_received(session: AsyncSession, submission_id: UUID) -> Submission:
    statement: Select[Submission] = select(Submission).where(Submission.id == submission_id)
    submission = (await session.scalars(statement)).one_or_none()
    if submission is None:
        raise SubmissionNotFound
    return submission


async def is_standing(session: AsyncSession, submission: Submission) -> bool:
    """Tell whether the submission is its proposal's last and was not withdrawn."""
    statement = standing().where(
        Submission.org_id == submission.org_id, Submission.id == submission.id
    )
    return (await session.scalars(statement)).one_or_none() is not None
