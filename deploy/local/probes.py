"""How the supervisor knows that a program is ready: it asks it, in the program's own way."""

from __future__ import annotations

import asyncio

from deploy.local.process import Probe
from deploy.local.system_user import RunAs

ANSWER_SECONDS = 5.0


def answers(port: int, path: str) -> Probe:
    """Return a probe that succeeds when `GET path` answers 200 (no HTTP library: it is cheap)."""

    async def probe() -> bool:
        try:
            return await asyncio.wait_for(_status(port, path), ANSWER_SECONDS) == b"200"
        except (OSError, TimeoutError, IndexError, asyncio.IncompleteReadError):
            return False

    return probe


def succeeds(command: list[str], run_as: RunAs) -> Probe:
    """Return a probe that succeeds when a command does."""

    async def probe() -> bool:
        asked = await asyncio.create_subprocess_exec(
            *command, cwd="/", stderr=asyncio.subprocess.DEVNULL, **run_as
        )
        return await asked.wait() == 0

    return probe


async def _status(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        return (await reader.readline()).split()[1]
    finally:
        writer.close()
        await writer.wait_closed()
