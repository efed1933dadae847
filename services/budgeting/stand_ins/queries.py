"""Every SELECT on stand-ins."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.stand_ins.model import StandIn
from services.budgeting.stand_ins.schemas import StandInFilter


async def list_stand_ins(session: AsyncSession, params: StandInFilter) -> Rows[StandIn]:
    statement: Select[StandIn] = select(StandIn)
    return await page(
        session, statement, StandIn, params, ("subject_id", "for_user_id", "created_by")
    )
