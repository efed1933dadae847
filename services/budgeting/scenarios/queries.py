"""Every SELECT on scenarios."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from libs.chassis.paging import Rows, page
from services.budgeting.known_ppas.model import GONE, KnownPpa
from services.budgeting.scenarios.model import (
    BASELINE,
    Scenario,
    ScenarioNotFound,
)
from services.budgeting.scenarios.schemas import ScenarioFilter


async def get_scenario(session: AsyncSession, scenario_id: UUID, *, lock: bool = False) -> Scenario:
    return (await get_scenarios(session, [scenario_id], lock=lock))[0]


async def get_scenarios(
    session: AsyncSession, scenario_ids: Collection[UUID], *, lock: bool = False
) -> list[Scenario]:
    """Return scenarios with their rows, in the order asked for; two statements."""
    statement: Select[Scenario] = (
        select(Scenario).where(Scenario.id.in_(scenario_ids)).options(selectinload(Scenario.rows))
    )
    if lock:
        statement = statement.with_for_update()
    found = {one.id: one for one in await session.scalars(statement)}
    if found.keys() != set(scenario_ids):
        raise ScenarioNotFound
    for one in found.values():
        for row in one.rows:
            set_committed_value(row, "scenario", one)
    return [found[each] for each in scenario_ids]


async def list_scenarios(session: AsyncSession, params: ScenarioFilter) -> Rows[Scenario]:
    statement: Select[Scenario] = select(Scenario)
    return await page(session, statement, Scenario, params, ("fiscal_year", "kind", "status"))


async def find_baseline(session: AsyncSession, fiscal_year: int) -> Scenario | None:
    statement: Select[Scenario] = select(Scenario).where(
        Scenario.fiscal_year == fiscal_year, BASELINE
    )
    return (await session.scalars(statement)).one_or_none()


async def list_ppas(
    session: AsyncSession, ppa_ids: Collection[UUID], fiscal_year: int
) -> dict[UUID, KnownPpa]:
    statement: Select[KnownPpa] = select(KnownPpa).where(
        KnownPpa.id.in_(ppa_ids), KnownPpa.fiscal_year == fiscal_year, KnownPpa.status.not_in(GONE)
    )
    return {one.id: one for one in await session.scalars(statement)}
