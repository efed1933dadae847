"""Start a stack here or in the background, stop it, and clear away what a killed one left."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.ports import refuse_busy
from deploy.local.running import is_alive
from deploy.local.settings import LocalSettings, inherited_environment
from deploy.local.stack import Stack
from deploy.local.state import forget_state, is_running, only_stack, open_home, read_state
from deploy.local.table import show
from deploy.local.trouble import CannotStart

STOP_SECONDS = 60.0
POLL_SECONDS = 0.1

SUPERVISOR = [sys.executable, "-P", "-m", "deploy.local"]


def supervisor_environment(settings: LocalSettings) -> dict[str, str]:
    """Return what the supervisor is told; a relative BMMS_HOME means the caller's folder."""
    return inherited_environment() | {"BMMS_HOME": str(settings.home)}


def run_here(settings: LocalSettings) -> None:
    """Run the stack until Ctrl-C or `make down`."""
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)

    def ready() -> None:
        print(f"\n{show(settings)}\n", flush=True)
        print("Ctrl-C or `make down` stops everything.", flush=True)

    open_home(settings.home)
    with only_stack(settings.home):
        clear_leftovers(settings.home, tell)
        refuse_busy(settings.ports)
        tell(f"starting BMMS ({settings.mode.mode} mode), state in {settings.home}")
        asyncio.run(Stack(settings, tell).run(ready))


def run_detached(settings: LocalSettings) -> None:
    """Start the stack in the background, show its progress, and return when all is ready."""
    open_home(settings.home)
    with only_stack(settings.home):
        refuse_busy_unless_ours(settings)
    log = settings.logs / "stack.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            SUPERVISOR,
            cwd="/",
            env=supervisor_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _follow(child, settings.home, log)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise


def _follow(child: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    """Show what a starting stack says, until it is ready or has ended."""
    with log.open(encoding="utf-8", errors="replace") as progress:
        while True:
            # Both are asked before the log is read, so that its last words are shown.
            ended, state = child.poll(), read_state(home)
            print(progress.read(), end="", flush=True)
            if ended is not None:
                raise SystemExit(ended or 1)
            if state.get("phase") == "ready" and state["pid"] == child.pid:
                return
            time.sleep(POLL_SECONDS)


def refuse_busy_unless_ours(settings: LocalSettings) -> None:
    """Refuse busy ports now, while the answer is still the exit code of this command."""
    clear_leftovers(settings.home, print)
    refuse_busy(settings.ports)


def stop(home: Path, tell: Callable[[str], None]) -> bool:
    """Stop the stack of a state folder and return whether there was one."""
    state = read_state(home)
    if not is_running(state):
        return clear_leftovers(home, tell)
    tell(f"stopping the stack of {home} (pid {state['pid']})")
    os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_running(state):
        if time.monotonic() > deadline:
            raise CannotStart(
                f"the stack (pid {state['pid']}) did not stop in {STOP_SECONDS:.0f} s: "
                f"see {home / 'logs' / 'stack.log'}"
            )
        time.sleep(POLL_SECONDS)
    tell("everything is stopped")
    return True


def clear_leftovers(home: Path, tell: Callable[[str], None]) -> bool:
    """Stop the processes of a stack whose supervisor was killed; return whether there were any."""
    state = read_state(home)
    left = [
        (each["name"], each["pid"], each["born"])
        # The database last: it was recorded first.
        for each in reversed(state.get("processes", []))
        if each["pid"] and is_alive(each["pid"], each["born"])
    ]
    for name, pid, born in left:
        tell(f"stopping {name} (pid {pid}), left behind by a stack that was killed")
        # SIGINT is a prompt and orderly end for every one of our programs.
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS / 4
        while is_alive(pid, born) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if is_alive(pid, born):
            os.kill(pid, signal.SIGKILL)
    forget_state(home)
    return bool(left)
