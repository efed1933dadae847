"""The consumer: durable delivery through FastStream, and the watch that fills gaps."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime
from typing import Any

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError
from sqlalchemy.exc import DBAPIError

from libs.outbox.event import from_cloudevent
from libs.outbox.inbox import Inbox, NotYet
from libs.outbox.streams import (
    BATCH,
    after_address,
    consumer_config,
    durable_of,
    ensure_consumer,
    ensure_stream,
    head_address,
    stream_of,
)

WATCH_SECONDS = 1.0
FETCH_SECONDS = 5.0
PAGE = 500

log = logging.getLogger("bmms.consumer")


class Consumer:
    """Keeps one service up to date with the logs of the sources that its inbox reads."""

    def __init__(self, service: str, broker: NatsBroker, client: Client, inbox: Inbox) -> None:
        """Take the broker for delivery and a plain client for questions to the sources."""
        self._service = service
        self._broker = broker
        self._client = client
        self._inbox = inbox
        self._in_order = asyncio.Lock()

    async def start(self) -> None:
        """Subscribe to every source and begin to receive."""
        jetstream = self._client.jetstream(timeout=5)
        for source in self._inbox.sources:
            await ensure_stream(jetstream, source)
            self._subscribe(source)
        await self._broker.start()

    def _subscribe(self, source: str) -> None:
        @self._broker.subscriber(
            f"{source}.>",
            durable=durable_of(self._service, source),
            config=consumer_config(self._service, source),
            stream=JStream(stream_of(source), declare=False),
            pull_sub=PullSub(batch_size=BATCH, timeout=FETCH_SECONDS),
            ack_policy=AckPolicy.MANUAL,
        )
        async def receive(body: dict[str, Any], message: NatsMessage) -> None:
            # A fetched batch is handed over concurrently; the lock is fair and keeps its order.
            async with self._in_order:
                await self._receive(body, message)

    async def _receive(self, body: dict[str, Any], message: NatsMessage) -> None:
        try:
            event = from_cloudevent(body)
        except (KeyError, TypeError, ValueError):
            log.exception("not an event of ours; refused for good")
            await message.reject()
            return
        try:
            await self._inbox.apply(event)
        except NotYet as later:
            await message.nack(delay=later.delay)
        else:
            await message.ack_sync()

    async def watch(self, stop: asyncio.Event) -> None:
        """Compare with each source's head about once a second, and fetch what is missing."""
        async with asyncio.TaskGroup() as tasks:
            for source in self._inbox.sources:
                tasks.create_task(self._watch_source(source, stop))

    async def _watch_source(self, source: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._compare(source)
            except (NatsError, APIError, DBAPIError, NotYet, OSError, TimeoutError) as error:
                log.info("source not confirmed", extra={"source": source, "why": repr(error)})
            await asyncio.sleep(WATCH_SECONDS)

    async def _compare(self, source: str) -> None:
        """Confirm that all up to the head told now is applied; what does not come is fetched."""
        head = await self._ask(head_address(source), {})
        head_seq, seen_at = head["source_seq"], datetime.fromisoformat(head["at"])
        if not await self._arrives(source, head_seq):
            await ensure_consumer(self._client.jetstream(timeout=5), self._service, source)
            await self.fill(source, until=head_seq)
        is_whole = head["pending"] == 0 and await self._inbox.applied_seq(source) >= head_seq
        await self._inbox.confirm(source, head_seq=head_seq, at=seen_at if is_whole else None)

    async def _arrives(self, source: str, head_seq: int) -> bool:
        """Wait as long as delivery makes progress; a number still missing then is a gap."""
        before = -1
        while (applied := await self._inbox.applied_seq(source)) < head_seq:
            if applied == before:
                return False
            before = applied
            await asyncio.sleep(WATCH_SECONDS)
        return True

    async def fill(self, source: str, *, until: int) -> int:
        """Apply what the source's outbox has after our position; return how many were asked."""
        fetched = 0
        position = await self._inbox.applied_seq(source)
        while position < until:
            answer = await self._ask(after_address(source), {"after": position, "limit": PAGE})
            if not answer["events"]:
                break
            for envelope in answer["events"]:
                event = from_cloudevent(envelope)
                async with self._in_order:
                    await self._inbox.apply(event)
                position = event.meta.source_seq
                fetched += 1
        if fetched:
            log.info("gap filled", extra={"source": source, "events": fetched})
        return fetched

    async def _ask(self, address: str, question: dict[str, int]) -> dict[str, Any]:
        answer = await self._client.request(address, json.dumps(question).encode(), timeout=5)
        told: dict[str, Any] = json.loads(answer.data)
        return told
