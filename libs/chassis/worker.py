"""The worker process of a service: its relay, its consumer, and a small health endpoint."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from types import ModuleType
from typing import Any

import nats
import uvicorn
from faststream.nats import NatsBroker
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import MetaData
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from libs.chassis.database import Database
from libs.chassis.settings import ServiceSettings
from libs.chassis.telemetry import configure_logging
from libs.outbox.consumer import Consumer
from libs.outbox.inbox import Inbox
from libs.outbox.relay import Relay
from libs.outbox.retention import tend

TEND_SECONDS = 60

log = logging.getLogger("bmms.worker")

Duty = Callable[[Database, asyncio.Event], Coroutine[Any, Any, None]]
"""Work of a service's own that runs beside relay and consumer until the event is set."""


def every(seconds: float, work: Callable[[Database], Awaitable[object]]) -> Duty:
    """Return the duty of doing `work` again and again; a fault is logged and never ends it.

    When `work` returns something true there is more to do, and it is called again at once.
    """

    async def duty(database: Database, stop: asyncio.Event) -> None:
        while not stop.is_set():
            has_more = False
            try:
                has_more = bool(await work(database))
            except Exception:
                log.exception("duty failed", extra={"duty": getattr(work, "__name__", "")})
            if not has_more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), seconds)

    return duty


def run_worker(
    service: str,
    settings: ServiceSettings,
    metadata: MetaData,
    subscribers: Iterable[ModuleType] = (),
    duties: Iterable[Duty] = (),
) -> None:
    """Relay this service's events, apply those of others and do its duties, until told to stop."""
    configure_logging(service, settings.log_level)
    work = _work(service, settings, metadata, subscribers=list(subscribers), duties=list(duties))
    asyncio.run(_until_told(work))


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run until a signal comes, whatever the work is waiting for at that moment."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


async def _work(
    service: str,
    settings: ServiceSettings,
    metadata: MetaData,
    *,
    subscribers: list[ModuleType],
    duties: list[Duty],
) -> None:
    async with AsyncExitStack() as stack:
        client = await nats.connect(
            settings.nats_url, name=f"{service}-worker", max_reconnect_attempts=-1
        )
        stack.push_async_callback(client.close)
        relay_database = Database(settings.relay_database_url, pool_size=3)
        stack.push_async_callback(relay_database.close)
        relay, stop = Relay(service, relay_database.engine, client), asyncio.Event()
        health = _health_server(service, settings.worker_port, relay)
        tending = every(TEND_SECONDS, lambda database: tend(service, database.engine))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(relay.run(stop))
            tasks.create_task(health.serve_until_cancelled())
            tasks.create_task(tending(relay_database, stop))
            if subscribers or duties:
                database = Database(settings.worker_database_url, info=settings.session_info())
                stack.push_async_callback(database.close)
            for duty in duties:
                tasks.create_task(duty(database, stop))
            if subscribers:
                inbox = Inbox(metadata, database.sessions, subscribers)
                broker = NatsBroker(settings.nats_url, logger=None, max_reconnect_attempts=-1)
                stack.push_async_callback(broker.stop)
                consumer = Consumer(service, broker, client, inbox)
                await consumer.start()
                tasks.create_task(consumer.watch(stop))


class _HealthServer(uvicorn.Server):
    """A server inside a process that handles its signals itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signal handlers of the worker in place."""
        yield

    async def serve_until_cancelled(self) -> None:
        """Serve, and give the port back when the worker ends."""
        try:
            await self.serve()
        finally:
            if self.started:
                await self.shutdown()


def _health_server(service: str, port: int, relay: Relay) -> _HealthServer:
    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live", "service": service, "relay": relay.is_active})

    async def ready(_request: Request) -> Response:
        # A second replica waits for the first one's lock: that is its health, not a fault.
        status = 200 if relay.is_active or relay.is_standing_by else 503
        return JSONResponse({"relay": relay.is_active, "service": service}, status)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app = Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", metrics),
        ]
    )
    return _HealthServer(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off"
        )
    )
