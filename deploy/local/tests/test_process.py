import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local.process import Process, Program
from deploy.local.trouble import CannotStart


def _program(script: str, ready: Path | None = None, **changes: object) -> Program:
    is_there = ready.exists if ready else lambda: True

    async def probe() -> bool:
        return is_there()

    return Program(
        name="subject", port=0, command=[sys.executable, "-c", script], ready=probe, **changes
    )


class Told(list[str]):
    """The lines that a person would see, and a way to wait for one."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.append(line)
        self.changed.set()

    async def until(self, count: int) -> None:
        while len(self) < count:
            self.changed.clear()
            await self.changed.wait()


async def test_a_program_counts_as_started_when_it_is_ready(tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    script = f"import pathlib, time; pathlib.Path({str(flag)!r}).touch(); time.sleep(60)"
    process = Process(_program(script, flag), tmp_path / "log", Told())
    await process.start(lambda: None)
    assert flag.exists()
    assert psutil.pid_exists(process.pid or 0)
    await process.stop()
    assert not psutil.pid_exists(process.pid or 0)


async def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    never = tmp_path / "never"
    script = "import sys; sys.stderr.write('starting\\n'); sys.exit('no such database')"
    process = Process(_program(script, never), tmp_path / "log", Told())
    with pytest.raises(CannotStart, match="no such database") as refused:
        await process.start(lambda: None)
    assert "\n" not in str(refused.value)
    assert str(tmp_path / "log") in str(refused.value)


async def test_a_program_that_never_becomes_ready_is_given_up(tmp_path: Path) -> None:
    program = _program("import time; time.sleep(60)", tmp_path / "never", patience_seconds=0.2)
    process = Process(program, tmp_path / "log", Told())
    with pytest.raises(CannotStart, match="was not ready"):
        await process.start(lambda: None)
    await process.stop()


async def test_what_is_killed_is_started_again_and_counted(tmp_path: Path) -> None:
    told, pids = Told(), []
    process = Process(_program("import time; time.sleep(60)"), tmp_path / "log", told)
    changed = asyncio.Event()

    def note() -> None:
        pids.append(process.pid)
        changed.set()

    await process.start(note)
    changed.clear()
    os.kill(process.pid or 0, signal.SIGKILL)
    await changed.wait()
    assert told == ["subject ended (SIGKILL): starting it again"]
    assert process.restarts == 1
    assert len(set(pids)) == 2
    await process.stop()


async def test_what_keeps_ending_is_started_again_ever_more_slowly(tmp_path: Path) -> None:
    told = Told()
    process = Process(_program("raise SystemExit(3)"), tmp_path / "log", told)
    await process.start(lambda: None)
    await told.until(3)
    await process.stop()
    assert set(told) == {"subject ended (exit 3): starting it again"}


async def test_what_does_not_want_to_end_is_killed(tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    script = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(flag)!r}).touch(); time.sleep(60)"
    )
    told = Told()
    process = Process(_program(script, flag), tmp_path / "log", told)
    await process.start(lambda: None)
    await process.stop(patience_seconds=0.2)
    assert told == ["subject did not end in 0 s: killed"]
    assert not psutil.pid_exists(process.pid or 0)
