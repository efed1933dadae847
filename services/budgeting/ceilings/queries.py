"""Every SELECT on ceilings, and what is used of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.ceilings.model import Ceiling, CeilingNotFound
from services.budgeting.ceilings.schemas import CeilingFilter
from services.budgeting.reviews.model import Review, ReviewStatus
from services.budgeting.submissions.model import Submission
from services.budgeting.submissions.queries import standing

GIVEN_BACK = (ReviewStatus.returned, ReviewStatus.rejected)


async def get_ceiling(session: AsyncSession, ceiling_id: UUID) -> Ceiling:
    """Return a ceiling that this organization may read, with what is used of it."""
    ceiling = await _one(session, select(Ceiling).where(Ceiling.id == ceiling_id))
    await fill_in_use(session, [ceiling])
    return ceiling


async def get_own_ceiling(session: AsyncSession, org_id: UUID, ceiling_id: UUID) -> Ceiling:
    """Return a ceiling that this organization issued, locked, with what is used of it."""
    await hold_ceilings(session, [ceiling_id])
    ceiling = await _one(
        session, select(Ceiling).where(Ceiling.org_id == org_id, Ceiling.id == ceiling_id)
    )
    await fill_in_use(session, [ceiling])
    return ceiling


async def list_ceilings(session: AsyncSession, params: CeilingFilter) -> Rows[Ceiling]:
    statement: Select[Ceiling] = select(Ceiling)
    if params.fiscal_year is not None:
        statement = statement.where(Ceiling.fiscal_year == params.fiscal_year)
    if params.budget_call_id is not None:
        statement = statement.where(Ceiling.budget_call_id == params.budget_call_id)
    if params.for_org_id is not None:
        statement = statement.where(Ceiling.for_org_id == params.for_org_id)
    rows = await page(session, statement, Ceiling, params)
    await fill_in_use(session, rows.items)
    return rows


async def hold_ceilings_over(
    session: AsyncSession, budget_call_id: UUID, for_org_id: UUID | None
) -> Sequence[Ceiling]:
    """Return the ceilings of one organization, or of all together, held until the commit.

    An organization cannot lock its issuer's rows, so both sides hold the same advisory locks,
    always in the order of the keys; then they read again what the other may have changed.
    """
    statement: Select[Ceiling] = (
        select(Ceiling)
        .where(
            Ceiling.budget_call_id == budget_call_id,
            Ceiling.for_org_id.is_not_distinct_from(for_org_id),
        )
        .order_by(Ceiling.id)
    )
    found = (await session.scalars(statement)).all()
    await hold_ceilings(session, [ceiling.id for ceiling in found])
    again = statement.execution_options(populate_existing=True)
    return (await session.scalars(again)).all() if found else found


async def hold_ceilings(session: AsyncSession, ceiling_ids: Sequence[UUID]) -> None:
    for ceiling_id in sorted(ceiling_ids):
        key = func.hashtextextended(f"ceiling {ceiling_id}", 0)
        await session.execute(select(func.pg_advisory_xact_lock(key)))


async def fill_in_use(
    session: AsyncSession,
    ceilings: Sequence[Ceiling],
    *,
    without: UUID | None = None,
    approved_only: bool = False,
) -> None:
    """Derive what is used of each ceiling from the submissions that stand, and their reviews.

    Null where this organization does not see all of it. `without` names a proposal to leave out.
    """
    actor = session.info["actor"]
    calls = {ceiling.budget_call_id for ceiling in ceilings}
    if not calls:
        return
    uses = [
        (org, call, (given if status == ReviewStatus.approved else asked) or [])
        for org, call, proposal_id, asked, status, given in await session.execute(_uses_of(calls))
        if proposal_id != without and (status == ReviewStatus.approved or not approved_only)
    ]
    for ceiling in ceilings:
        if actor.org_id not in (ceiling.org_id, ceiling.for_org_id):
            continue
        ceiling.used_amount = sum(
            (
                ceiling.covered(totals)
                for org, call, totals in uses
                if call == ceiling.budget_call_id and ceiling.for_org_id in (None, org)
            ),
            Decimal("0.00"),
        )


def _uses_of(budget_call_ids: Collection[UUID]) -> Select[Any]:
    """Return the query of what was asked under some calls and stands, with what was given."""
    own_review = and_(
        Review.submission_org_id == Submission.org_id, Review.submission_id == Submission.id
    )
    return (
        standing()
        .with_only_columns(
            Submission.org_id,
            Submission.budget_call_id,
            Submission.proposal_id,
            Submission.totals,
            Review.status,
            Review.totals,
        )
        .join_from(Submission, Review, own_review, isouter=True)
        .where(
            Submission.budget_call_id.in_(budget_call_ids),
            or_(Review.status.is_(None), Review.status.not_in(GIVEN_BACK)),
        )
    )


async def _one(session: AsyncSession, statement: Select[Ceiling]) -> Ceiling:
    again = statement.execution_options(populate_existing=True)
    ceiling = (await session.scalars(again)).one_or_none()
    if ceiling is None:
        raise CeilingNotFound
    return ceiling


async def find_same_ceiling(session: AsyncSession, ceiling: Ceiling) -> Ceiling | None:
    """Return the ceiling with the same key, nulls being values."""
    key = ("budget_call_id", "for_org_id", "funding_source", "expense_class", "sector")
    statement: Select[Ceiling] = select(Ceiling).where(
        *(getattr(Ceiling, name).is_not_distinct_from(getattr(ceiling, name)) for name in key)
    )
    return (await session.scalars(statement)).one_or_none()
