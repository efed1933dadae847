"""Every SELECT on appropriation items."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.appropriation_items.model import (
    AppropriationItem,
    AppropriationItemNotFound,
)
from services.budgeting.appropriation_items.schemas import AppropriationItemFilter


async def get_appropriation_item(
    session: AsyncSession, appropriation_item_id: UUID, *, lock: bool = False
) -> AppropriationItem:
    return await _one(session, AppropriationItem.id == appropriation_item_id, lock=lock)


async def get_item_of_act(
    session: AsyncSession, issuer_org_id: UUID, act_item_id: UUID
) -> AppropriationItem:
    """Return the item that an issuer's act item became here."""
    return await _one(
        session,
        (AppropriationItem.issuer_org_id == issuer_org_id)
        & (AppropriationItem.act_item_id == act_item_id),
    )


async def list_appropriation_items(
    session: AsyncSession, params: AppropriationItemFilter
) -> Rows[AppropriationItem]:
    statement: Select[AppropriationItem] = select(AppropriationItem)
    if params.fiscal_year is not None:
        statement = statement.where(AppropriationItem.fiscal_year == params.fiscal_year)
    if params.expense_class is not None:
        statement = statement.where(AppropriationItem.expense_class == params.expense_class)
    if params.status is not None:
        statement = statement.where(AppropriationItem.status == params.status)
    return await page(session, statement, AppropriationItem, params)


async def _one(
    session: AsyncSession, condition: ColumnElement[bool], *, lock: bool = False
) -> AppropriationItem:
    statement: Select[AppropriationItem] = select(AppropriationItem).where(condition)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    item = (await session.scalars(statement)).one_or_none()
    if item is None:
        raise AppropriationItemNotFound
    return item
