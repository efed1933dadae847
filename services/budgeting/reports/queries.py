"""Every SELECT on frozen reports."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, selectinload

from libs.chassis.paging import Rows, page
from services.budgeting.accountability_figures.queries import DEFINITIONS as ACCOUNTABILITY
from services.budgeting.plan_figures.queries import DEFINITIONS as PLANS
from services.budgeting.report_figures.model import Figures, Question
from services.budgeting.report_figures.queries import DEFINITIONS, get_figures
from services.budgeting.reports.model import Report, ReportNotFound
from services.budgeting.reports.schemas import ReportFilter

EVERY = {**DEFINITIONS, **ACCOUNTABILITY, **PLANS}
"""Every report that there is."""

SIGNED = selectinload(Report.signatures)


async def get_figures_of(session: AsyncSession, question: Question) -> Figures:
    return await get_figures(session, question, EVERY)


async def get_report(session: AsyncSession, report_id: UUID) -> Report:
    statement: Select[Report] = select(Report).where(Report.id == report_id).options(SIGNED)
    report = (await session.scalars(statement)).one_or_none()
    if report is None:
        raise ReportNotFound
    return report


async def find_report_of(session: AsyncSession, hashes: Sequence[str]) -> Report | None:
    statement: Select[Report] = (
        select(Report)
        .where(Report.content_hash.in_(hashes))
        .options(SIGNED)
        .order_by(Report.created_at.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


async def list_reports(session: AsyncSession, params: ReportFilter) -> Rows[Report]:
    statement: Select[Report] = select(Report).options(defer(Report.figures), SIGNED)
    if params.kind is not None:
        statement = statement.where(Report.kind == params.kind)
    if params.fiscal_year is not None:
        statement = statement.where(Report.fiscal_year == params.fiscal_year)
    return await page(session, statement, Report, params)
