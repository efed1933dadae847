"""Every SELECT on PPAs and their indicators."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Numeric, Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from libs.chassis.paging import Rows, page
from services.planning.ppas.model import Ppa, PpaNotFound
from services.planning.ppas.schemas import PpaFilter


async def get_ppa(session: AsyncSession, ppa_id: UUID, *, lock: bool = False) -> Ppa:
    statement: Select[Ppa] = (
        select(Ppa).where(Ppa.id == ppa_id).options(selectinload(Ppa.indicators))
    )
    if lock:
        statement = statement.with_for_update()
    ppa = (await session.scalars(statement)).one_or_none()
    if ppa is None:
        raise PpaNotFound
    return ppa


async def list_ppas(session: AsyncSession, params: PpaFilter) -> Rows[Ppa]:
    statement = select(Ppa)
    if params.status is not None:
        statement = statement.where(Ppa.status == params.status)
    if params.fiscal_year is not None:
        statement = statement.where(Ppa.fiscal_year == params.fiscal_year)
    return await page(session, statement, Ppa, params)


async def list_ppas_of_year(session: AsyncSession, fiscal_year: int) -> Sequence[Ppa]:
    statement = (
        select(Ppa)
        .where(Ppa.fiscal_year == fiscal_year)
        .options(selectinload(Ppa.indicators))
        .order_by(Ppa.code)
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def find_ppa_code(session: AsyncSession, fiscal_year: int, code: str) -> UUID | None:
    statement = select(Ppa.id).where(Ppa.fiscal_year == fiscal_year, Ppa.code == code)
    return (await session.scalars(statement)).one_or_none()


async def get_last_number(session: AsyncSession, org_id: UUID, fiscal_year: int) -> int:
    """Return the highest number given so far; until the transaction ends, only it gives more."""
    key = func.hashtextextended(f"planning.ppas:{org_id}:{fiscal_year}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))
    number = func.substring(Ppa.code, f"^PPA-{fiscal_year}-([0-9]+)$")
    statement = select(func.max(cast(number, Numeric))).where(Ppa.fiscal_year == fiscal_year)
    return int(await session.scalar(statement) or 0)
