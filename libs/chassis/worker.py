"""The worker process of a service: its relay, its consumer, and a small health endpoint."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine, Iterable, Iterator
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

log = logging.getLogger("bmms.worker")


def run_worker(
    service: str,
    settings: ServiceSettings,
    metadata: MetaData,
    subscribers: Iterable[ModuleType] = (),
) -> None:
    """Relay this service's events and apply those of others, until told to stop."""
    configure_logging(service, settings.log_level)
    asyncio.run(_until_told(_work(service, settings, metadata, list(subscribers))))


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run until a signal comes, whatever the work is waiting for at that moment."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


async def _work(
    service: str, settings: ServiceSettings, metadata: MetaData, subscribers: list[ModuleType]
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
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(relay.run(stop))
            tasks.create_task(health.serve_until_cancelled())
            if subscribers:
                database = Database(settings.worker_database_url)
                stack.push_async_callback(database.close)
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
