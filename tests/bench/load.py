"""A small HTTP/1.1 load client over loopback: keep-alive connections, bounded count, latencies.

Written on asyncio streams because a comfortable client would take more of the two cores than
the server that it measures.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

JSON = {"Content-Type": "application/json"}
MOST_SECONDS = 12
LEAST_REQUESTS = 20


@dataclass(frozen=True)
class Result:
    """What one run of requests took; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


@dataclass(frozen=True)
class Answer:
    """What came back; the names of the headers are in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of a name, or nothing."""
        return next((value for each, value in self.headers if each == name), "")


class Connection:
    """One keep-alive connection to a loopback server."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        """Take `http://host:port` and the headers of every request."""
        parts = urlsplit(url)
        if parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("load goes to loopback only")
        self._address = (parts.hostname, parts.port)
        self._head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._host = parts.netloc
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self, method: str, path: str, body: Any = None, extra: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request with a JSON body, if any; return status, headers and body."""
        payload = b"" if body is None else json.dumps(body).encode()
        answer = await self.exchange(method, path, payload, extra={**JSON, **(extra or {})})
        return answer.status, dict(answer.headers), answer.body

    async def exchange(
        self, method: str, path: str, payload: bytes, *, extra: dict[str, str]
    ) -> Answer:
        """Send one request with any body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        more = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n{self._head}{more}"
            f"Content-Length: {len(payload)}\r\n\r\n".encode()
            + payload
        )
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        parts = (line.partition(": ") for line in lines[1:] if line)
        headers = [(name.lower(), value) for name, _, value in parts]
        answer = Answer(int(lines[0].split(" ")[1]), headers, await _body(reader, dict(headers)))
        if answer.header("connection").lower() == "close":
            await self.close()
        return answer

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()
            self._streams = None


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("connection") == "close" and "content-length" not in headers:
        return await reader.read()
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    whole = b""
    while size := int(await reader.readline(), 16):
        whole += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return whole


async def measure(
    url: str,
    headers: dict[str, str],
    method: str,
    path: str,
    *,
    concurrency: int,
    count: int,
    body: dict[str, Any] | None = None,
) -> Result:
    """Send `count` requests over `concurrency` connections after a warm-up of a tenth.

    A slow machine sends fewer, for it stops after MOST_SECONDS.
    """
    numbers = iter(range(-max(count // 10, concurrency), count))
    times: list[float] = []
    began = time.perf_counter()

    async def work() -> None:
        nonlocal began
        connection = Connection(url, headers)
        for number in numbers:
            if number > LEAST_REQUESTS and time.perf_counter() > began + MOST_SECONDS:
                break
            if number == 0:
                began = time.perf_counter()
            started = time.perf_counter()
            status, _, answer = await connection.request(method, path, body)
            if status >= 400:
                raise RuntimeError(f"{method} {path}: {status} {answer[:300]!r}")
            if number >= 0:
                times.append((time.perf_counter() - started) * 1000)
        await connection.close()

    await asyncio.gather(*(work() for _ in range(concurrency)))
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Result(len(times), seconds, cuts[49], cuts[94], cuts[98])
