"""Every SELECT on payees."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.payees.model import Payee, PayeeNotFound
from services.budgeting.payees.schemas import PayeeFilter


async def get_payee(session: AsyncSession, payee_id: UUID) -> Payee:
    payee = await find_payee(session, payee_id)
    if payee is None:
        raise PayeeNotFound
    return payee


async def find_payee(session: AsyncSession, payee_id: UUID) -> Payee | None:
    statement: Select[Payee] = select(Payee).where(Payee.id == payee_id)
    return (await session.scalars(statement)).one_or_none()


async def find_payee_of_tin(session: AsyncSession, tin: str) -> Payee | None:
    statement: Select[Payee] = select(Payee).where(Payee.tin == tin)
    return (await session.scalars(statement)).one_or_none()


async def list_payees(session: AsyncSession, params: PayeeFilter) -> Rows[Payee]:
    statement: Select[Payee] = select(Payee)
    if params.payee_type is not None:
        statement = statement.where(Payee.payee_type == params.payee_type)
    if params.name is not None:
        statement = statement.where(Payee.name.icontains(params.name, autoescape=True))
    return await page(session, statement, Payee, params)
