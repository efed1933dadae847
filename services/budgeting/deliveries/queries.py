"""Every SELECT on deliveries."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.deliveries.model import Delivery
from services.budgeting.deliveries.schemas import DeliveryFilter


async def list_deliveries(session: AsyncSession, params: DeliveryFilter) -> Rows[Delivery]:
    statement: Select[Delivery] = select(Delivery)
    if params.about_id is not None:
        statement = statement.where(Delivery.about_id == params.about_id)
    if params.status is not None:
        statement = statement.where(Delivery.status == params.status)
    return await page(session, statement, Delivery, params)
