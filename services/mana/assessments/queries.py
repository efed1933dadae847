"""Every SELECT on assessments."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.mana.assessments.model import Assessment, AssessmentNotFound
from services.mana.assessments.schemas import AssessmentFilter

FILTERS = ("status", "kind", "level", "priority", "fiscal_year", "region_psgc")


async def get_assessment(
    session: AsyncSession, assessment_id: UUID, *, lock: bool = False
) -> Assessment:
    statement: Select[Assessment] = select(Assessment).where(Assessment.id == assessment_id)
    if lock:
        statement = statement.with_for_update()
    assessment = (await session.scalars(statement)).one_or_none()
    if assessment is None:
        raise AssessmentNotFound
    return assessment


async def find_assessment_with_code(
    session: AsyncSession, assessment: Assessment
) -> Assessment | None:
    statement = select(Assessment).where(
        Assessment.fiscal_year == assessment.fiscal_year,
        Assessment.code == assessment.code,
        Assessment.id != assessment.id,
    )
    return (await session.scalars(statement)).one_or_none()


async def list_assessments(session: AsyncSession, params: AssessmentFilter) -> Rows[Assessment]:
    statement = select(Assessment)
    return await page(session, statement, Assessment, params, FILTERS)
