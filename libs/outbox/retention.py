"""Retention: the log is kept for ever and measured; what guards against repeats goes (ADR 0021)."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from libs.outbox.streams import MAX_AGE_SECONDS

KEYS_KEPT = timedelta(hours=24)
"""How long the answer to an Idempotency-Key stands."""

SEEN_KEPT = timedelta(seconds=MAX_AGE_SECONDS)
"""How long it can be looked up when an event was applied: as long as the bus may bring it again."""

PARKED_KEPT = timedelta(days=400)
"""How long an operator has for an event put aside; its source's log has it for ever."""

MOST = 500
"""How many rows of a table one transaction takes: it never holds anybody up."""

EVENTS = Gauge("bmms_outbox_events", "Numbered events in the log.", ("service",))
BYTES = Gauge("bmms_outbox_bytes", "The log on disk, with its indexes.", ("service",))
UNSENT = Gauge("bmms_outbox_oldest_unsent_seconds", "Age of the oldest unsent.", ("service",))


async def tend(service: str, engine: AsyncEngine) -> bool:
    """Measure the log, and clear away a little of what is over; tells whether more waits.

    The engine is the relay's: it alone reaches the rows of every organization.
    """
    async with engine.connect() as connection:
        measured = (await connection.execute(text(_MEASURE.format(service=service)))).one()
    EVENTS.labels(service).set(measured.events)
    BYTES.labels(service).set(measured.bytes)
    UNSENT.labels(service).set(measured.oldest)
    has_more = False
    for statement, kept in _OVER:
        async with engine.begin() as connection:
            over = text(statement.format(service=service, most=MOST))
            has_more |= (await connection.execute(over, {"kept": kept})).rowcount >= MOST
    return has_more


# The numbers have no gap: the highest is how many there are. What is unsent is asked for as its two
# partial indexes have it.
_MEASURE = """
SELECT coalesce(max(source_seq), 0) AS events, pg_total_relation_size('{service}.outbox') AS bytes,
    coalesce((SELECT extract(epoch FROM now() - min(occurred_at)) FROM {service}.outbox
        WHERE source_seq IS NULL OR (sent_at IS NULL AND source_seq IS NOT NULL)), 0) AS oldest
FROM {service}.outbox
"""

_KEYS = """
DELETE FROM {service}.idempotency_keys WHERE (org_id, key) IN (
    SELECT org_id, key FROM {service}.idempotency_keys
    WHERE created_at < now() - CAST(:kept AS interval) LIMIT {most}
)
"""

# What lies behind the position is known to be applied without its row; what lies before it is not.
_SEEN = """
DELETE FROM {service}.inbox WHERE event_id IN (
    SELECT seen.event_id FROM {service}.checkpoints CROSS JOIN LATERAL (
        SELECT event_id, applied_at FROM {service}.inbox
        WHERE source = checkpoints.source AND source_seq <= applied_seq
        ORDER BY source_seq LIMIT {most}
    ) AS seen WHERE applied_at < now() - CAST(:kept AS interval)
)
"""

_PARKED = """
DELETE FROM {service}.parked_events WHERE event_id IN (
    SELECT event_id FROM {service}.parked_events
    WHERE parked_at < now() - CAST(:kept AS interval) LIMIT {most}
)
"""

_OVER = ((_KEYS, KEYS_KEPT), (_SEEN, SEEN_KEPT), (_PARKED, PARKED_KEPT))
