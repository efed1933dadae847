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
from sqlalchemy.exc import DBAPIError

from libs.outbox.event import ReceivedEvent, from_cloudevent
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
        self._in_order = {source: asyncio.Lock() for source in inbox.sources}

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
            async with self._in_order[source]:
                await self._receive(message)

    async def _receive(self, message: NatsMessage) -> None:
        try:
            event = from_cloudevent(json.loads(message.body))
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
                await ensure_consumer(self._client.jetstream(timeout=5), self._service, source)
            except (NatsError, DBAPIError, NotYet, OSError) as error:
                log.info("source not confirmed", extra={"source": source, "why": repr(error)})
            except Exception:
                # Whatever an answer may hold: the watch is what heals, so it never ends.
                log.exception("source not confirmed", extra={"source": source})
            await asyncio.sleep(WATCH_SECONDS)

    async def _compare(self, source: str) -> None:
        """Confirm that all up to the head told now is applied; what does not come is fetched."""
        head = await self._ask(head_address(source), {})
        head_seq = int(head["source_seq"])
        try:
            if not await self._arrives(source, head_seq):
                await self.fill(source, until=head_seq)
        finally:
            is_whole = await self._inbox.checkpoints.applied_seq(source) >= head_seq
            at = datetime.fromisoformat(head["at"]) if is_whole else None
            await self._inbox.checkpoints.confirm(source, head_seq=head_seq, at=at)

    async def _arrives(self, source: str, head_seq: int) -> bool:
        """Wait as long as delivery makes progress; a number still missing then is a gap."""
        before = -1
        while (applied := await self._inbox.checkpoints.applied_seq(source)) < head_seq:
            if applied == before:
                return False
            before = applied
            await asyncio.sleep(WATCH_SECONDS)
        return True

    async def fill(self, source: str, *, until: int) -> int:
        """Apply what the source's outbox has in our holes; return how many came from there.

        An event that fails does not hold up those after it; NotYet is raised at the end.
        """
        filled, failed = 0, None
        while holes := await self._inbox.checkpoints.holes(source, until=until):
            before = filled
            for after, many in holes:
                for event in await self._events(source, after, many):
                    try:
                        async with self._in_order[source]:
                            await self._inbox.apply(event)
                        filled += 1
                    except NotYet as later:
                        failed = later
            if filled == before:
                break
        if filled:
            log.info("gap filled", extra={"source": source, "events": filled})
        if failed is not None:
            raise failed
        return filled

    async def _events(self, source: str, after: int, many: int) -> list[ReceivedEvent]:
        """Return events with the `many` numbers after `after`, as far as one answer goes."""
        answer = await self._ask(after_address(source), {"after": after, "limit": min(many, PAGE)})
        events = [from_cloudevent(envelope) for envelope in answer["events"]]
        return [event for event in events if event.meta.source_seq <= after + many]

    async def _ask(self, address: str, question: dict[str, int]) -> dict[str, Any]:
        answer = await self._client.request(address, json.dumps(question).encode(), timeout=5)
        told: dict[str, Any] = json.loads(answer.data)
        return told
