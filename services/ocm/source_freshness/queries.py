"""Every SELECT on how far the logs of the sources are applied."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ocm.db import Base
from services.ocm.source_freshness.model import freshness
from services.ocm.source_freshness.schemas import SourceRead

_CHECKPOINTS = Base.metadata.tables["ocm.checkpoints"]


async def list_sources(
    session: AsyncSession, sources: Iterable[str], *, now: datetime
) -> list[SourceRead]:
    found = await session.execute(select(_CHECKPOINTS))
    known = {row.source: row for row in found}
    return [_told(source, known.get(source), now) for source in sources]


def _told(source: str, row: Row[Any] | None, now: datetime) -> SourceRead:
    confirmed_at: datetime | None = row.confirmed_at if row else None
    lag = None if confirmed_at is None else max(0, int((now - confirmed_at).total_seconds()))
    return SourceRead(
        source=source,
        applied_seq=row.applied_seq if row else 0,
        head_seq=row.head_seq if row else 0,
        lag_seconds=lag,
        confirmed_at=confirmed_at,
        status=freshness(confirmed_at, now),
    )
