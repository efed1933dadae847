"""Every SELECT of waves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.waves.model import (
    DAYS_BETWEEN,
    BlockerStatus,
    Severity,
    Wave,
    WaveAction,
    WaveAssignment,
    WaveBlocker,
    WaveMilestone,
    WaveNotFound,
    WaveStatus,
)
from services.identity.waves.schemas import WaveListParams

PartT = TypeVar("PartT", WaveAssignment, WaveMilestone, WaveBlocker)


async def list_waves(session: AsyncSession, params: WaveListParams) -> Rows[Any]:
    statement: Any = select(Wave)
    if params.status is not None:
        statement = statement.where(Wave.status == params.status.value)
    model: Any = Wave
    return await page(session, statement, model, params)


async def list_all_waves(session: AsyncSession) -> list[Wave]:
    return list(await session.scalars(select(Wave).order_by(Wave.number)))


async def get_wave(session: AsyncSession, wave_id: UUID, *, lock: bool = False) -> Wave:
    statement = select(Wave).where(Wave.id == wave_id)
    wave = await session.scalar(statement.with_for_update() if lock else statement)
    if wave is None:
        raise WaveNotFound
    return wave


async def find_wave_by_number(session: AsyncSession, number: int) -> Wave | None:
    return await session.scalar(select(Wave).where(Wave.number == number))


async def find_next_start(session: AsyncSession, today: date) -> date:
    """Return when a wave after the last one begins."""
    last = await session.scalar(
        select(func.max(Wave.planned_until)).where(Wave.status != WaveStatus.cancelled.value)
    )
    return last + timedelta(days=DAYS_BETWEEN + 1) if last else today


async def waits_for_itself(session: AsyncSession, wave_id: UUID, wanted: Iterable[UUID]) -> bool:
    """Tell whether a wave would wait for itself, at whatever distance, if it waited for these."""
    waits = {each.id: each.prerequisites for each in await list_all_waves(session)}
    seen, ahead = set[UUID](), list(wanted)
    while ahead:
        other = ahead.pop()
        if other == wave_id:
            return True
        if other not in seen:
            seen.add(other)
            ahead += waits.get(other, [])
    return False


async def list_unfinished(session: AsyncSession, ids: Iterable[UUID]) -> list[Wave]:
    rows = await session.scalars(
        select(Wave).where(Wave.id.in_(list(ids)), Wave.status != WaveStatus.completed.value)
    )
    return list(rows)


async def get_part(
    session: AsyncSession, model: type[PartT], wave_id: UUID, part_id: UUID
) -> PartT:
    part = await session.scalar(
        select(model).where(model.id == part_id, model.wave_id == wave_id).with_for_update()
    )
    if part is None:
        raise WaveNotFound
    return part


async def list_parts(
    session: AsyncSession, model: type[Any], wave_id: UUID | None = None
) -> list[Any]:
    statement: Any = select(model).order_by(model.id)
    if wave_id is not None:
        statement = statement.where(model.wave_id == wave_id)
    if model is WaveAssignment:
        statement = statement.where(WaveAssignment.is_standing)
    return list(await session.scalars(statement))


async def list_actions(session: AsyncSession, wave_id: UUID) -> list[WaveAction]:
    rows = await session.scalars(
        select(WaveAction).where(WaveAction.wave_id == wave_id).order_by(WaveAction.id)
    )
    return list(rows)


async def count_assignments(session: AsyncSession, wave_id: UUID) -> int:
    count = await session.scalar(
        select(func.count())
        .select_from(WaveAssignment)
        .where(WaveAssignment.wave_id == wave_id, WaveAssignment.is_standing)
    )
    return count or 0


async def count_critical(session: AsyncSession, wave_id: UUID) -> int:
    """Return how many critical blockers of a wave nobody has done away with."""
    count = await session.scalar(
        select(func.count())
        .select_from(WaveBlocker)
        .where(
            WaveBlocker.wave_id == wave_id,
            WaveBlocker.severity == Severity.critical.value,
            WaveBlocker.status.in_([BlockerStatus.open.value, BlockerStatus.investigating.value]),
        )
    )
    return count or 0
