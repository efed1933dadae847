"""What a piece of work took: by the clock on the wall, and of the processors."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Spent:
    """Seconds of the wall clock and of the processors that a piece of work took."""

    wall: float = 0.0
    own: float = 0.0
    database: float = 0.0

    def __str__(self) -> str:
        """Say the processor time."""
        return f"{1000 * self.own:.1f} + {1000 * self.database:.1f} ms of a core"

    def each(self, count: int) -> Spent:
        """Return the share of one of `count`."""
        return Spent(self.wall / count, self.own / count, self.database / count)


class Clock:
    """Measures pieces of work: other work on the machine disturbs processor time the least."""

    def __init__(self, login: str) -> None:
        """Take the database login whose connections do the work."""
        self._title = f"postgres: {login} ".encode()

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Spent]:
        """Measure what happens within the block."""
        spent = Spent()
        wall, own, database = time.perf_counter(), time.process_time(), self._database()
        yield spent
        spent.wall, spent.own = time.perf_counter() - wall, time.process_time() - own
        spent.database = sum(
            seconds - database.get(process, 0.0) for process, seconds in self._database().items()
        )

    def _database(self) -> dict[str, float]:
        """Return the processor seconds of the login's server processes, as it titles them."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cmdline").read_bytes().startswith(self._title):
                    stat = (process / "stat").read_text(encoding="utf-8")
                    ticks = sum(map(int, stat.rsplit(")", 1)[1].split()[11:13]))
                    found[process.name] = ticks / os.sysconf("SC_CLK_TCK")
            except OSError:
                continue
        return found
