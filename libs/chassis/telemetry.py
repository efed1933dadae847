"""Telemetry: JSON logs, Prometheus metrics, and the trace context from request to projection."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from logging.config import dictConfig

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.outbox.uow import current_address, current_traceparent

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

REQUESTS = Counter(
    "bmms_http_requests_total", "Answered requests.", ("service", "method", "route", "status")
)
SECONDS = Histogram(
    "bmms_http_request_seconds",
    "Time from request to answer.",
    ("service", "method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)

LONGEST_NAME = 64

Fault = Callable[[Exception], ASGIApp]

log = logging.getLogger("bmms.http")


def trace_id() -> str:
    """Return the trace id of the work in hand, 32 hex digits, or an empty string."""
    return current_traceparent.get()[3:35]


def next_traceparent(received: str | None) -> str:
    """Continue a received W3C trace with a new span, or begin a trace of our own."""
    span = secrets.token_hex(8)
    if received and _TRACEPARENT.fullmatch(received):
        return f"{received[:36]}{span}{received[52:]}"
    return f"00-{secrets.token_hex(16)}-{span}-01"


class _AddTrace(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.trace_id = trace_id()
        return True


def configure_logging(service: str, level: str) -> None:
    """Write every log line as one JSON object with service and trace id, to standard error."""
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"trace": {"()": _AddTrace}},
            "formatters": {
                "json": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(trace_id)s",
                    "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
                    "static_fields": {"service": service},
                }
            },
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "filters": ["trace"],
                }
            },
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "uvicorn": {"level": "WARNING"},
                "faststream": {"level": "WARNING"},
                "httpx": {"level": "WARNING"},
            },
        }
    )


class Telemetry:
    """ASGI middleware: carries the trace context, counts, times and logs each request.

    Paths are logged and counted by route template, so that no id becomes a label. It is also
    where an unexpected fault ends, so that its answer and its log line have the trace id.
    """

    def __init__(self, app: ASGIApp, *, service: str, fault: Fault) -> None:
        """Wrap an application of one service; `fault` answers what nobody expected."""
        self._app = app
        self._service = service
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with its trace context set."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        received = headers.get(b"traceparent", b"").decode("latin-1")
        token = current_traceparent.set(next_traceparent(received))
        sender = current_address.set((scope.get("client") or ("",))[0])
        started = time.perf_counter()
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", []),
                    (b"x-trace-id", trace_id().encode()),
                ]
            await send(message)

        try:
            await self._app(scope, receive, observed)
        except Exception as error:
            if status:
                raise
            await self._fault(error)(scope, receive, observed)
        finally:
            self._record(scope, status or 500, time.perf_counter() - started)
            current_traceparent.reset(token)
            current_address.reset(sender)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "unmatched"
        method = scope["method"]
        REQUESTS.labels(self._service, method, route, str(status)).inc()
        SECONDS.labels(self._service, method, route).observe(seconds)
        if not route.endswith(("/health/live", "/health/ready")):
            log.info(
                "request",
                extra={
                    "method": method,
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    **_who_and_what(scope),
                },
            )


def _who_and_what(scope: Scope) -> dict[str, str]:
    """Return who asked, for whom, and about which records: every read and refusal has a line."""
    told = {
        name: str(value)[:LONGEST_NAME]
        for name, value in scope.get("path_params", {}).items()
        if name.endswith("_id") or name == "org_code"
    }
    actor = scope.get("state", {}).get("actor")
    if actor is not None:
        told |= {"actor_id": str(actor.user_id), "actor_org_id": str(actor.org_id)}
    return told
