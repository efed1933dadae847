"""The revocation feed: identity tells, every application process listens (ADR 0012).

Three ways lead to one deny set: the event of each revocation as identity's relay publishes it,
a heartbeat that repeats what is recent, and, whenever something may have been missed, a question
that brings all that is live. Applications may listen and ask, and say nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from prometheus_client import Gauge
from sqlalchemy.exc import DBAPIError

from libs.chassis.database import Database
from libs.tenancy.denials import DENIALS, DenySet

MADE = "identity.revocation.made.v1"
ALIVE = "revocations.alive"
LIVE = "revocations.live"

BEAT_SECONDS = 1.0
RECENT = timedelta(minutes=2)
"""What a heartbeat repeats: longer than any listener may be without one and still be sure."""

STALE_BEAT_SECONDS = 10.0
"""A heartbeat that was held up on its way says nothing about now."""

RETRY_SECONDS = 0.5
ANSWER_SECONDS = 2.0
FAULTS = (NatsError, OSError, TimeoutError, ValueError, KeyError, TypeError)

log = logging.getLogger("bmms.revocations")

AGE = Gauge("bmms_revocation_feed_age_seconds", "Time since identity was last heard.", ("service",))
DENIED = Gauge("bmms_denied_now", "Sessions, people and organizations denied.", ("service",))

Told = list[dict[str, Any]]
Recent = Callable[[Database, timedelta], Awaitable[Told | None]]
"""Returns what was revoked within a span, or None when it is too much for one message."""

Live = Callable[[Database, str | None], Awaitable[Told]]
"""Returns what is still live after an id, a page at a time; an empty page is the end."""


class Feed:
    """One application's ear: keeps a deny set complete, or lets it grow silent."""

    def __init__(self, service: str, url: str, denied: DenySet) -> None:
        """Take the listening login's address; nothing connects yet."""
        self._service = service
        self._url = url
        self._denied = denied
        self._missed = True
        AGE.labels(service).set_function(lambda: denied.age)
        DENIED.labels(service).set_function(lambda: len(denied))

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[None]:
        """Listen while the block runs; a process that was told no address must not serve."""
        if not self._url:
            raise RuntimeError(f"{self._service.upper()}_FEED_URL is missing: see ADR 0012")
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _listen(self) -> None:
        while True:
            try:
                async with _connected(
                    self._url, f"{self._service}_app", reconnected=self._ask_again
                ) as client:
                    await client.subscribe(MADE, cb=self._take_event)
                    beats = await client.subscribe(ALIVE)
                    async for beat in beats.messages:
                        await self._take_beat(client, beat)
            except FAULTS as fault:
                log.warning("revocation feed interrupted", extra={"reason": repr(fault)})
            await asyncio.sleep(RETRY_SECONDS)

    async def _ask_again(self) -> None:
        self._missed = True

    async def _take_event(self, message: Msg) -> None:
        try:
            self._deny([json.loads(message.data)["data"]])
        except FAULTS as fault:
            self._missed = True
            log.warning("revocation not understood", extra={"reason": repr(fault)})

    async def _take_beat(self, client: Client, message: Msg) -> None:
        """Take what a heartbeat repeats; ask for all when it cannot hold what was missed."""
        try:
            beat = json.loads(message.data)
            if time.time() - beat["at"] > STALE_BEAT_SECONDS:
                return
            if self._missed or self._denied.is_silent or beat["recent"] is None:
                await self._take_all(client)
            else:
                self._deny(beat["recent"])
            self._denied.hear()
        except FAULTS as fault:
            self._missed = True
            log.warning("revocations not complete", extra={"reason": repr(fault)})

    async def _take_all(self, client: Client) -> None:
        self._missed = False
        after = None
        while True:
            asked = json.dumps({"after": after}).encode()
            answer = await client.request(LIVE, asked, timeout=ANSWER_SECONDS)
            told: Told = json.loads(answer.data)["revocations"]
            if not told:
                return
            self._deny(told)
            after = told[-1]["id"]

    def _deny(self, told: Told) -> None:
        for denial in DENIALS.validate_python(told):
            self._denied.deny(denial)


def broadcasting(url: str, recent: Recent, live: Live) -> Callable[[Database, asyncio.Event], Any]:
    """Return the duty of identity's worker: beat, repeat what is recent, answer who asks for all.

    It beats only while it can read what it tells: a heartbeat is a promise.
    """

    async def duty(database: Database, stop: asyncio.Event) -> None:
        async def answer(message: Msg) -> None:
            try:
                told = await live(database, json.loads(message.data)["after"])
                await message.respond(json.dumps({"revocations": told}).encode())
            except (*FAULTS, DBAPIError) as fault:
                log.warning("revocations not told", extra={"reason": repr(fault)})

        async with _connected(url, "identity") as client:
            await client.subscribe(LIVE, queue="identity", cb=answer)
            while not stop.is_set():
                try:
                    told = await recent(database, RECENT)
                    beat = json.dumps({"at": time.time(), "recent": told}).encode()
                    if client.is_connected:
                        await client.publish(ALIVE, beat)
                except (*FAULTS, DBAPIError) as fault:
                    log.warning("no heartbeat", extra={"reason": repr(fault)})
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), BEAT_SECONDS)

    return duty


@asynccontextmanager
async def _connected(
    url: str, name: str, *, reconnected: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[Client]:
    client = await nats.connect(
        url,
        name=name,
        inbox_prefix=f"_INBOX.{name}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=RETRY_SECONDS,
        reconnected_cb=reconnected,
        error_cb=_note,
    )
    try:
        yield client
    finally:
        await client.close()


async def _note(fault: Exception) -> None:
    log.warning("the bus complains", extra={"reason": repr(fault)})
