"""Every SELECT of incompatible duties."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.incompatible_duties.model import IncompatibleDuty


async def list_incompatible_duties(session: AsyncSession) -> list[IncompatibleDuty]:
    rows = await session.scalars(select(IncompatibleDuty).order_by(IncompatibleDuty.id))
    return list(rows)
