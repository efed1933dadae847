"""Every SELECT on special provisions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.planning.special_provisions.model import SpecialProvision
from services.planning.special_provisions.schemas import ProvisionFilter


async def list_special_provisions(
    session: AsyncSession, params: ProvisionFilter
) -> Rows[SpecialProvision]:
    statement = select(SpecialProvision)
    if params.fiscal_year is not None:
        statement = statement.where(SpecialProvision.fiscal_year == params.fiscal_year)
    return await page(session, statement, SpecialProvision, params)


async def list_provisions_of_year(
    session: AsyncSession, fiscal_year: int
) -> Sequence[SpecialProvision]:
    statement = (
        select(SpecialProvision)
        .where(SpecialProvision.fiscal_year == fiscal_year)
        .order_by(SpecialProvision.position)
        .with_for_update()
    )
    return (await session.scalars(statement)).all()
