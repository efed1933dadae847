"""Every SELECT on appropriations and their items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from libs.chassis.paging import Rows, page
from services.budgeting.act_items.model import ActItem, ActItemNotFound
from services.budgeting.appropriations.model import Appropriation, AppropriationNotFound
from services.budgeting.appropriations.schemas import AppropriationFilter
from services.budgeting.releases.model import Release, ReleaseStatus


async def get_appropriation(session: AsyncSession, appropriation_id: UUID) -> Appropriation:
    """Return an act that this organization issued, or one in force with the items for it."""
    return await _one(session, select(Appropriation).where(Appropriation.id == appropriation_id))


async def get_own_appropriation(
    session: AsyncSession, org_id: UUID, appropriation_id: UUID
) -> Appropriation:
    """Return an act of this organization's own, locked, with its items."""
    statement: Select[Appropriation] = select(Appropriation).where(
        Appropriation.org_id == org_id, Appropriation.id == appropriation_id
    )
    return await _one(session, statement.with_for_update())


async def list_appropriations(
    session: AsyncSession, params: AppropriationFilter
) -> Rows[Appropriation]:
    statement: Select[Appropriation] = select(Appropriation)
    if params.fiscal_year is not None:
        statement = statement.where(Appropriation.fiscal_year == params.fiscal_year)
    if params.status is not None:
        statement = statement.where(Appropriation.status == params.status)
    return await page(session, statement, Appropriation, params)


async def list_receivers(session: AsyncSession, act: Appropriation) -> Sequence[tuple[UUID, UUID]]:
    """Return each item of an act with whoever had a part of it released by a transfer."""
    statement = (
        select(Release.act_item_id, Release.to_org_id)
        .where(
            Release.org_id == act.org_id,
            Release.act_item_id.in_([item.id for item in act.items]),
            Release.status == ReleaseStatus.issued,
        )
        .distinct()
        .order_by(Release.act_item_id, Release.to_org_id)
    )
    found: Sequence[Any] = (await session.execute(statement)).all()
    return [(item_id, org_id) for item_id, org_id in found]


def get_act_item(act: Appropriation, act_item_id: UUID) -> ActItem:
    for item in act.items:
        if item.id == act_item_id:
            return item
    raise ActItemNotFound


async def _one(session: AsyncSession, statement: Select[Appropriation]) -> Appropriation:
    with_items = statement.options(selectinload(Appropriation.items))
    act = (await session.scalars(with_items)).one_or_none()
    if act is None:
        raise AppropriationNotFound
    for item in act.items:
        set_committed_value(item, "appropriation", act)
    return act
