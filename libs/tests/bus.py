"""A real NATS server for one test, and patience for what comes by itself."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import nats
from nats.aio.client import Client

from deploy.local.ports import find_free_port

PATIENCE_SECONDS = 60


async def quiet(_error: Exception) -> None:
    """Say nothing of a server that a test has killed on purpose."""


class Bus:
    """One server on a free loopback port; `kill` leaves its files for the next `start`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = find_free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._server: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        program = str(Path(sys.executable).with_name("nats-server"))
        where = ("-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self._folder))
        self._server = subprocess.Popen([program, *where, "-js"], stderr=subprocess.DEVNULL)

    async def start(self) -> None:
        self.launch()
        await eventually(lambda: answers(self.port))

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    async def connect(self) -> Client:
        return await nats.connect(self.url, max_reconnect_attempts=-1, error_cb=quiet)


async def answers(port: int) -> bool:
    """Tell whether somebody listens on a loopback port."""
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; the patience is for a stuck test, not a measure."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await is_so():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.02)
