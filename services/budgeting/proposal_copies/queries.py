"""The PPAs of a year that carry on those of another."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.budgeting.known_ppas.model import GONE, KnownPpa


async def find_successors(
    session: AsyncSession, ids: Collection[UUID], fiscal_year: int
) -> dict[UUID, UUID]:
    """Return for each PPA the one with its code in the register of a year; itself in its own."""
    later = aliased(KnownPpa)
    statement = (
        select(KnownPpa.id, later.id)
        .join(later, (later.org_id == KnownPpa.org_id) & (later.code == KnownPpa.code))
        .where(KnownPpa.id.in_(ids), later.fiscal_year == fiscal_year, later.status.not_in(GONE))
    )
    return dict((await session.execute(statement)).all())
