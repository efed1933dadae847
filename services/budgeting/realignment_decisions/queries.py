"""Every SELECT on decisions on realignments."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.realignment_decisions.model import (
    DecisionStatus,
    RealignmentDecision,
    RealignmentDecisionNotFound,
    RealignmentNotSubmittedToUs,
)
from services.budgeting.realignment_decisions.schemas import RealignmentDecisionFilter
from services.budgeting.realignments.model import Realignment, RealignmentStatus


async def get_realignment_decision(
    session: AsyncSession, decision_id: UUID, *, lock: bool = False
) -> RealignmentDecision:
    statement: Select[RealignmentDecision] = select(RealignmentDecision).where(
        RealignmentDecision.id == decision_id
    )
    if lock:
        statement = statement.with_for_update()
    decision = (await session.scalars(statement)).one_or_none()
    if decision is None:
        raise RealignmentDecisionNotFound
    return decision


async def get_submitted_realignment(
    session: AsyncSession, realignment_id: UUID, *, to: UUID
) -> Realignment:
    """Return another organization's realignment that waits for a decision by `to`."""
    statement: Select[Realignment] = select(Realignment).where(
        Realignment.id == realignment_id,
        Realignment.decides_org_id == to,
        Realignment.status == RealignmentStatus.submitted,
    )
    realignment = (await session.scalars(statement)).one_or_none()
    if realignment is None:
        raise RealignmentNotSubmittedToUs(pointer="/body/realignment_id")
    return realignment


async def find_draft(session: AsyncSession, realignment_id: UUID) -> RealignmentDecision | None:
    statement: Select[RealignmentDecision] = select(RealignmentDecision).where(
        RealignmentDecision.realignment_id == realignment_id,
        RealignmentDecision.status == DecisionStatus.draft,
    )
    return (await session.scalars(statement)).one_or_none()


async def list_realignment_decisions(
    session: AsyncSession, params: RealignmentDecisionFilter
) -> Rows[RealignmentDecision]:
    statement: Select[RealignmentDecision] = select(RealignmentDecision)
    return await page(
        session, statement, RealignmentDecision, params, ("fiscal_year", "realignment_id", "status")
    )
