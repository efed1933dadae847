"""Which of some links lead to something that the organization has."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.budgeting.known_assessments.model import KnownAssessment
from services.budgeting.known_ppas.model import GONE, KnownPpa
from services.budgeting.known_strategic_plans.model import KnownStrategicPlan


async def list_known_ppas(
    session: AsyncSession, ids: Collection[UUID], fiscal_year: int
) -> set[UUID]:
    statement = select(KnownPpa.id).where(
        KnownPpa.id.in_(ids), KnownPpa.fiscal_year == fiscal_year, KnownPpa.status.not_in(GONE)
    )
    return set(await session.scalars(statement))


async def list_known_goals(
    session: AsyncSession, ids: Collection[UUID], fiscal_year: int
) -> set[UUID]:
    plan = KnownStrategicPlan
    goals = select(func.unnest(plan.goal_ids)).where(
        plan.goal_ids.overlap(list(ids)),
        plan.start_year <= fiscal_year,
        plan.end_year >= fiscal_year,
    )
    return set(await session.scalars(goals)) & set(ids)


async def list_known_assessments(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    statement = select(KnownAssessment.id).where(
        KnownAssessment.id.in_(ids), KnownAssessment.status != "cancelled"
    )
    return set(await session.scalars(statement))
