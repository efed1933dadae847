"""Checkpoints: how far each source's log is applied here, and what of it is missing.

"Applied up to n" means that every number from 1 to n has been in the inbox: what lies behind the
position is never new again, also when its row has been cleared away (ADR 0021).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.outbox.event import EventMeta

HOLES = 100
"""How many runs of missing numbers one look finds; the next look finds the next ones."""


class Checkpoints:
    """The positions of one consuming service in the logs of its sources."""

    def __init__(self, schema: str, sessions: async_sessionmaker[AsyncSession]) -> None:
        """Take the schema that holds the inbox, and the sessions of its worker."""
        self._sessions = sessions
        named = {"schema": schema, "run": _RUN.format(schema=schema)}
        self._take, self._advance, self._reached, self._missing, self._confirm = (
            text(statement.format(**named))
            for statement in (_TAKE, _ADVANCE, _REACHED, _MISSING, _CONFIRM)
        )

    async def take(self, session: AsyncSession, metas: Sequence[EventMeta]) -> set[UUID]:
        """Put events of one source into the inbox; return those that have not been there before."""
        fresh = await session.scalars(
            self._take,
            {
                "source": metas[0].source,
                "event_ids": [meta.event_id for meta in metas],
                "numbers": [meta.source_seq for meta in metas],
                "traces": [meta.traceparent for meta in metas],
            },
        )
        return set(fresh)

    async def advance(self, session: AsyncSession, source: str, *, at: datetime | None) -> None:
        """Move the position as far as there is no hole, in the transaction of an inbox row."""
        await session.execute(self._advance, {"source": source, "at": at})

    async def applied_seq(self, source: str) -> int:
        """Return up to which number the log of `source` is applied without a hole."""
        async with self._sessions() as session:
            return int(await session.scalar(self._reached, {"source": source}) or 0)

    async def holes(self, source: str, *, until: int) -> list[tuple[int, int]]:
        """Return the first runs of missing numbers up to `until`: (after which, how many)."""
        async with self._sessions() as session:
            found = await session.execute(self._missing, {"source": source, "until": until})
            return [(row.after, row.many) for row in found]

    async def confirm(self, source: str, *, head_seq: int, at: datetime | None) -> None:
        """Record the source's head, and at which instant nothing was missing."""
        async with self._sessions() as session:
            await self.advance(session, source, at=None)
            await session.execute(self._confirm, {"source": source, "head_seq": head_seq, "at": at})
            await session.commit()


_TAKE = """
INSERT INTO {schema}.inbox (event_id, source, source_seq, traceparent)
SELECT event_id, :source, number, trace FROM unnest(
    CAST(:event_ids AS uuid[]), CAST(:numbers AS bigint[]), CAST(:traces AS text[])
) AS taken (event_id, number, trace)
WHERE number > coalesce((SELECT applied_seq FROM {schema}.checkpoints WHERE source = :source), 0)
ON CONFLICT DO NOTHING RETURNING event_id
"""

_RUN = """
WITH RECURSIVE run(seq) AS (
    SELECT coalesce((SELECT applied_seq FROM {schema}.checkpoints WHERE source = :source), 0)
    UNION ALL
    SELECT seq + 1 FROM run
    WHERE EXISTS (
        SELECT 1 FROM {schema}.inbox WHERE source = :source AND source_seq = run.seq + 1
    )
)
"""

_REACHED = "{run} SELECT max(seq) FROM run"

# Two workers may apply neighbours at the same time, and neither sees the other's row yet; so the
# position never goes back, and whoever confirms moves it on again.
_ADVANCE = """
{run}
INSERT INTO {schema}.checkpoints (source, applied_seq, last_event_at)
SELECT :source, max(seq), :at FROM run
ON CONFLICT (source) DO UPDATE
SET applied_seq = greatest(checkpoints.applied_seq, excluded.applied_seq),
    last_event_at = greatest(checkpoints.last_event_at, excluded.last_event_at)
"""

_MISSING = f"""
{{run}}, applied AS (
    SELECT max(seq) AS seq FROM run
    UNION ALL
    SELECT source_seq FROM {{schema}}.inbox
    WHERE source = :source AND source_seq <= :until AND source_seq > (SELECT max(seq) FROM run)
)
SELECT seq AS after, next - seq - 1 AS many
FROM (SELECT seq, lead(seq, 1, :until + 1) OVER (ORDER BY seq) AS next FROM applied) AS pairs
WHERE next > seq + 1 ORDER BY seq LIMIT {HOLES}
"""

_CONFIRM = """
UPDATE {schema}.checkpoints
SET head_seq = :head_seq, confirmed_at = greatest(confirmed_at, :at) WHERE source = :source
"""
