"""One child of the supervisor: started, waited for, started again when it dies, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.running import born_at
from deploy.local.system_user import RunAs
from deploy.local.trouble import CannotStart

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
# A process that lived this long was well: the next pause is the first one again.
WELL_AFTER_SECONDS = 30.0
PROBE_SECONDS = 0.1
COMPLAINT = re.compile(r"\b(FATAL|PANIC|\w*Error|error|refused|denied)\b")

Probe = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Program:
    """What to start, how to know that it is ready, and how to stop it."""

    name: str
    port: int
    command: list[str]
    ready: Probe
    environment: Mapping[str, str] = field(default_factory=dict)
    run_as: RunAs = field(default_factory=RunAs)
    stop_signal: int = signal.SIGTERM
    patience_seconds: float = 60.0
    # What helps when it does not start, after the reason.
    advice: str = ""


class Process:
    """A program that is kept running until it is told to stop."""

    def __init__(self, program: Program, log: Path, tell: Callable[[str], None]) -> None:
        """Nothing is started yet; `tell` takes the lines meant for the person at the terminal."""
        self.program = program
        self.log = log
        self.restarts = 0
        self.pid: int | None = None
        self.born: float | None = None
        self._tell = tell
        self._child: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._changed: Callable[[], None] = lambda: None

    async def start(self, changed: Callable[[], None]) -> None:
        """Start the program and wait until it is ready; from then on it is started again."""
        self._changed = changed
        await self._spawn()
        await self._until_ready()
        self._watch = asyncio.create_task(self._keep())

    async def stop(self, patience_seconds: float = 15.0) -> None:
        """Ask the program to end; end it when it does not."""
        self._stopping.set()
        child = self._child
        if child is not None and child.returncode is None:
            child.send_signal(self.program.stop_signal)
            try:
                await asyncio.wait_for(child.wait(), patience_seconds)
            except TimeoutError:
                self._tell(f"{self.program.name} did not end in {patience_seconds:.0f} s: killed")
                child.kill()
                await child.wait()
        if self._watch:
            await self._watch

    async def _spawn(self) -> None:
        program = self.program
        with self.log.open("ab") as output:
            # A session of its own: Ctrl-C at the terminal reaches the supervisor alone, which then
            # stops everything in the right order.
            self._child = await asyncio.create_subprocess_exec(
                *program.command,
                cwd="/",
                env=dict(program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **program.run_as,
            )
        self.pid = self._child.pid
        self.born = born_at(self.pid)
        self._changed()

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + self.program.patience_seconds
        while not await self.program.ready():
            if self._child is None or self._child.returncode is not None:
                raise self._refusal("ended at once")
            if time.monotonic() > deadline:
                patience = f"{self.program.patience_seconds:.0f} s"
                raise self._refusal(f"was not ready after {patience}")
            await asyncio.sleep(PROBE_SECONDS)

    def _refusal(self, what: str) -> CannotStart:
        program = self.program
        return CannotStart(f"{program.name} {what}: {last_words(self.log)}{program.advice}")

    async def _keep(self) -> None:
        """Start the program again whenever it ends, ever more slowly while it keeps ending."""
        pause = FIRST_PAUSE_SECONDS
        while self._child is not None:
            started = time.monotonic()
            code = await self._child.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > WELL_AFTER_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._tell(f"{self.program.name} ended ({how_ended(code)}): starting it again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            self.restarts += 1
            await self._spawn()


def last_words(path: Path) -> str:
    """Return the last complaint in a log, else its last line, for a message of one line."""
    with path.open("rb") as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - 2000))
        lines = log.read().decode(errors="replace").strip().splitlines()
    complaints = [line for line in lines if COMPLAINT.search(line)]
    told = (complaints or lines or ["it said nothing"])[-1]
    return f"{told[:300]} (see {path})"


def how_ended(code: int) -> str:
    """Return how a process ended: `exit 1`, or the name of the signal."""
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
