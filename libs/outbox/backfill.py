"""Backfill: what did not arrive is fetched from the source's outbox, which is the real log."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nats.aio.client import Client

from libs.outbox.event import ReceivedEvent, from_cloudevent
from libs.outbox.inbox import Inbox, NotYet
from libs.outbox.streams import after_address, head_address

PAGE = 500
ANSWER_SECONDS = 5

log = logging.getLogger("bmms.backfill")


@dataclass(frozen=True, slots=True)
class Head:
    """The last number of a source, and up to which instant all that happened has one."""

    source_seq: int
    at: datetime


class Backfill:
    """Asks the sources of one inbox; `in_order` keeps each source's events from overtaking."""

    def __init__(self, client: Client, inbox: Inbox) -> None:
        """Take a plain client for questions, and the inbox that applies the answers."""
        self._client = client
        self._inbox = inbox
        self.in_order = {source: asyncio.Lock() for source in inbox.sources}

    async def head(self, source: str) -> Head:
        """Return how far a source is; raises an error of NATS when it does not answer."""
        told = await self._ask(head_address(source), {})
        return Head(int(told["source_seq"]), datetime.fromisoformat(told["at"]))

    async def fill(self, source: str, *, until: int) -> int:
        """Apply what the source's outbox has in our holes; return how many were fetched.

        An event that fails does not hold up those after it; NotYet is raised at the end.
        """
        filled, failed = 0, None
        before: list[tuple[int, int]] = []
        while (holes := await self._inbox.checkpoints.holes(source, until=until)) != before:
            before = holes
            for after, many in holes:
                events = await self._events(source, after, many)
                filled += len(events)
                try:
                    async with self.in_order[source]:
                        await self._inbox.apply_page(events)
                except NotYet as later:
                    failed = later
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
        asked = json.dumps(question).encode()
        answer = await self._client.request(address, asked, timeout=ANSWER_SECONDS)
        told: dict[str, Any] = json.loads(answer.data)
        return told
