"""The relay: numbers a service's outbox without gaps, sends it, and answers what was missed.

One relay per service is active, by an advisory lock on a direct connection. It alone may read
the outbox of all organizations; a consumer that misses something asks the relay, never the
database (ADR 0005).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import APIError
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from libs.outbox.event import CONTENT_TYPE, to_cloudevent
from libs.outbox.streams import after_address, ensure_stream, head_address

POLL_SECONDS = 0.1
RETRY_SECONDS = 0.5
BATCH = 500
LOCK_KEY = 0x6F7574626F78
ANSWER_LIMIT = 500
ANSWER_BYTES = 512 * 1024
"""A reply is one message; a server takes 1 MiB unless told otherwise."""

log = logging.getLogger("bmms.relay")

_COLUMNS = (
    "event_id, org_id, actor_id, subject, aggregate_id, aggregate_version, data, traceparent,"
    " occurred_at, source_seq"
)


class Relay:
    """Moves the events of one service from its outbox to its stream, in order, at least once."""

    def __init__(self, service: str, engine: AsyncEngine, client: Client) -> None:
        """Take the relay role's engine (a direct connection, no transaction pooler) and NATS."""
        self._service = service
        self._engine = engine
        self._client = client
        self._jetstream = client.jetstream(timeout=5)
        self.is_active = False
        self.is_standing_by = False

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; any fault is logged and tried again, for ever."""
        await self._answer_requests()
        while not stop.is_set():
            try:
                async with self._engine.connect() as opened:
                    connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
                    try:
                        await self._lead(connection, stop)
                    finally:
                        # The lock lives as long as its connection: in the pool it would never end.
                        await connection.invalidate()
            except (DBAPIError, NatsError, APIError, OSError, TimeoutError) as error:
                log.warning("relay interrupted", extra={"reason": repr(error)})
            finally:
                self.is_active = self.is_standing_by = False
            await asyncio.sleep(RETRY_SECONDS)

    async def _lead(self, connection: AsyncConnection, stop: asyncio.Event) -> None:
        lock = text("SELECT pg_try_advisory_lock(:key)")
        while not await connection.scalar(lock, {"key": LOCK_KEY}):
            self.is_standing_by = True
            if stop.is_set():
                return
            await asyncio.sleep(RETRY_SECONDS)
        self.is_active, self.is_standing_by = True, False
        await ensure_stream(self._jetstream, self._service)
        while not stop.is_set():
            numbered = await self._number(connection)
            sent = await self._send(connection)
            if not numbered and not sent:
                await asyncio.sleep(POLL_SECONDS)

    async def _number(self, connection: AsyncConnection) -> int:
        """Give committed events the next numbers; a single writer leaves no gap."""
        result = await connection.execute(
            text(
                f"""
                WITH waiting AS (
                    SELECT position, row_number() OVER (ORDER BY position) AS nth
                    FROM (SELECT position FROM {self._service}.outbox
                          WHERE source_seq IS NULL ORDER BY position LIMIT {BATCH}) AS oldest
                )
                UPDATE {self._service}.outbox AS o
                SET source_seq = waiting.nth
                    + (SELECT coalesce(max(source_seq), 0) FROM {self._service}.outbox)
                FROM waiting WHERE o.position = waiting.position
                """
            )
        )
        return int(result.rowcount)

    async def _send(self, connection: AsyncConnection) -> int:
        rows = (
            await connection.execute(
                text(
                    f"SELECT {_COLUMNS} FROM {self._service}.outbox"
                    " WHERE sent_at IS NULL AND source_seq IS NOT NULL"
                    f" ORDER BY source_seq LIMIT {BATCH}"
                )
            )
        ).all()
        if not rows:
            return 0
        answers = await asyncio.gather(
            *(self._publish(row) for row in rows), return_exceptions=True
        )
        stored = [
            {"event_id": row.event_id, "stream_seq": answer}
            for row, answer in zip(rows, answers, strict=True)
            if isinstance(answer, int)
        ]
        if stored:
            await connection.execute(
                text(
                    f"UPDATE {self._service}.outbox SET sent_at = now(), stream_seq = :stream_seq"
                    " WHERE event_id = :event_id"
                ),
                stored,
            )
        failed = next((answer for answer in answers if isinstance(answer, Exception)), None)
        if failed is not None:
            raise failed
        return len(stored)

    async def _publish(self, row: Any) -> int:
        ack = await self._jetstream.publish(
            row.subject,
            json.dumps(to_cloudevent(row)).encode(),
            headers={"Nats-Msg-Id": str(row.event_id), "Content-Type": CONTENT_TYPE},
        )
        return ack.seq

    async def _answer_requests(self) -> None:
        queue = f"{self._service}-relay"
        await self._client.subscribe(head_address(self._service), queue=queue, cb=self._tell_head)
        await self._client.subscribe(after_address(self._service), queue=queue, cb=self._tell_after)

    async def _tell_head(self, message: Msg) -> None:
        """Tell the highest number, and up to which instant all that happened has one."""
        outbox = f"{self._service}.outbox"
        rows = await self._read(
            f"""SELECT coalesce((SELECT max(source_seq) FROM {outbox}), 0) AS source_seq,
                (SELECT count(*) FROM {outbox} WHERE source_seq IS NULL) AS pending,
                least(now(), (SELECT min(occurred_at) FROM {outbox} WHERE source_seq IS NULL))
                    AS at""",
        )
        for head in rows or ():
            told = {"source_seq": head.source_seq, "pending": head.pending}
            await message.respond(json.dumps({**told, "at": head.at.isoformat()}).encode())

    async def _tell_after(self, message: Msg) -> None:
        """Send the events after a number, as many as fit into one message, at least one."""
        asked = json.loads(message.data or b"{}")
        rows = await self._read(
            f"SELECT {_COLUMNS} FROM {self._service}.outbox"
            " WHERE source_seq > :after ORDER BY source_seq LIMIT :most",
            {"after": int(asked["after"]), "most": min(int(asked["limit"]), ANSWER_LIMIT)},
        )
        if rows is None:
            return
        events: list[str] = []
        size = 0
        for row in rows:
            event = json.dumps(to_cloudevent(row))
            size += len(event)
            if events and size > ANSWER_BYTES:
                break
            events.append(event)
        await message.respond(f'{{"events": [{", ".join(events)}]}}'.encode())

    async def _read(
        self, statement: str, parameters: dict[str, int] | None = None
    ) -> Sequence[Row[Any]] | None:
        """Run one SELECT; None when the database is out of reach: the asker will ask again."""
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(text(statement), parameters or {})).all()
        except (DBAPIError, OSError) as error:
            log.warning("request not answered", extra={"reason": repr(error)})
            return None
