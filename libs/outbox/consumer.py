"""The consumer: durable delivery through FastStream, and the watch that fills gaps."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy.exc import DBAPIError

from libs.outbox.backfill import Backfill
from libs.outbox.event import from_cloudevent
from libs.outbox.inbox import Inbox, NotYet
from libs.outbox.streams import (
    BATCH,
    consumer_config,
    durable_of,
    ensure_consumer,
    ensure_stream,
    stream_of,
)

WATCH_SECONDS = 1.0
FETCH_SECONDS = 5.0

log = logging.getLogger("bmms.consumer")


class Consumer:
    """Keeps one service up to date with the logs of the sources that its inbox reads."""

    def __init__(self, service: str, broker: NatsBroker, client: Client, inbox: Inbox) -> None:
        """Take the broker for delivery and a plain client for questions to the sources."""
        self._service = service
        self._broker = broker
        self._client = client
        self._inbox = inbox
        self._backfill = Backfill(client, inbox)

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
        async def receive(message: NatsMessage) -> None:
            # A fetched batch is handed over concurrently; the lock is fair and keeps its order.
            # Acknowledging is outside: with its stream deleted, each message would hold up the
            # backfill for as long as an answer takes not to come.
            async with self._backfill.in_order[source]:
                settle = await self._apply(message)
            try:
                await settle()
            except NatsError as error:
                log.info("not settled; it will come again", extra={"why": repr(error)})

    async def _apply(self, message: NatsMessage) -> Callable[[], Awaitable[None]]:
        """Apply the message's event, and return how to settle the message."""
        try:
            event = from_cloudevent(json.loads(message.body))
        except (KeyError, TypeError, ValueError):
            log.exception("not an event of ours; refused for good")
            return message.reject
        try:
            await self._inbox.apply(event)
        except NotYet as later:
            return partial(message.nack, delay=later.delay)
        return message.ack_sync

    async def watch(self, stop: asyncio.Event) -> None:
        """Compare with each source's head about once a second, and fetch what is missing."""
        async with asyncio.TaskGroup() as tasks:
            for source in self._inbox.sources:
                tasks.create_task(self._watch_source(source, stop))

    async def _watch_source(self, source: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._compare(source)
                await ensure_consumer(self._client.jetstream(timeout=5), self._service, source)
            except (NatsError, DBAPIError, NotYet, OSError) as error:
                log.info("source not confirmed", extra={"source": source, "why": repr(error)})
            except Exception:
                # Whatever an answer may hold: the watch is what heals, so it never ends.
                log.exception("source not confirmed", extra={"source": source})
            await asyncio.sleep(WATCH_SECONDS)

    async def _compare(self, source: str) -> None:
        """Confirm that all up to the head told now is applied; what does not come is fetched."""
        head = await self._backfill.head(source)
        try:
            if not await self._arrives(source, head.source_seq):
                await self._backfill.fill(source, until=head.source_seq)
        finally:
            is_whole = await self._inbox.checkpoints.applied_seq(source) >= head.source_seq
            at = head.at if is_whole else None
            await self._inbox.checkpoints.confirm(source, head_seq=head.source_seq, at=at)

    async def _arrives(self, source: str, head_seq: int) -> bool:
        """Wait as long as delivery makes progress; a number still missing then is a gap."""
        before = -1
        while (applied := await self._inbox.checkpoints.applied_seq(source)) < head_seq:
            if applied == before:
                return False
            before = applied
            await asyncio.sleep(WATCH_SECONDS)
        return True
