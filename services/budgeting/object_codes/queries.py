"""Every SELECT on the catalogue of object codes."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.budgeting.object_codes.model import (
    CapitalThreshold,
    Catalogue,
    ObjectCode,
    full_code,
)
from services.budgeting.object_codes.schemas import ObjectCodeFilter


async def get_catalogue(
    session: AsyncSession, fiscal_year: int, codes: Collection[str] | None = None
) -> Catalogue:
    """Return what is needed to judge lines with these codes, or with any; two statements."""
    statement: Select[ObjectCode] = select(ObjectCode).order_by(
        ObjectCode.code, ObjectCode.valid_from
    )
    if codes is not None:
        statement = statement.where(ObjectCode.code.in_({full_code(each) for each in codes}))
    rows = (await session.scalars(statement)).all()
    return Catalogue.of(fiscal_year, rows, await find_threshold(session, fiscal_year))


async def find_threshold(session: AsyncSession, fiscal_year: int) -> Decimal | None:
    """Return the least unit cost of a capital outlay; None where none is known."""
    threshold = CapitalThreshold
    amount: Decimal | None = await session.scalar(
        select(threshold.amount)
        .where(
            threshold.valid_from <= fiscal_year,
            or_(threshold.valid_to.is_(None), threshold.valid_to >= fiscal_year),
        )
        .order_by(threshold.valid_from.desc())
        .limit(1)
    )
    return amount


async def list_object_codes(
    session: AsyncSession, fiscal_year: int, params: ObjectCodeFilter
) -> list[ObjectCode]:
    statement: Select[ObjectCode] = (
        select(ObjectCode)
        .where(
            ObjectCode.valid_from <= fiscal_year,
            or_(ObjectCode.valid_to.is_(None), ObjectCode.valid_to >= fiscal_year),
        )
        .order_by(ObjectCode.code)
    )
    if params.expense_class is not None:
        statement = statement.where(ObjectCode.expense_class == params.expense_class)
    return list(await session.scalars(statement))
