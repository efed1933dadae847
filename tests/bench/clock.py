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

    def __init__(self, postmaster: int) -> None:
        """Take the process id of the database server."""
        self._postmaster = postmaster

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Spent]:
        """Measure what happens within the block."""
        spent = Spent()
        wall, own, database = time.perf_counter(), time.process_time(), self._database()
        yield spent
        spent.wall, spent.own = time.perf_counter() - wall, time.process_time() - own
        spent.database = self._database() - database

    def _database(self) -> float:
        """Add up the server's processes, and what those that ended have left to the first."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
            if int(path.parent.name) == self._postmaster:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == self._postmaster:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")
