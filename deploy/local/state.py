"""`stack.json`, where the supervisor tells every command what runs; and the lock of its folder."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.local.files import write_private
from deploy.local.running import is_alive
from deploy.local.trouble import CannotStart

NAME = "stack.json"


def write_state(home: Path, state: dict[str, Any]) -> None:
    """Replace what is told about the stack."""
    write_private(home / NAME, json.dumps(state, indent=2) + "\n")


def read_state(home: Path) -> dict[str, Any]:
    """Return what was told last; empty when no stack was started, or the last one stopped."""
    try:
        state: dict[str, Any] = json.loads((home / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state


def forget_state(home: Path) -> None:
    """Nothing runs any more."""
    (home / NAME).unlink(missing_ok=True)


def is_running(state: dict[str, Any]) -> bool:
    """Tell whether the supervisor that wrote this state is still there."""
    return bool(state) and is_alive(state["pid"], state["born"])


def require_running(home: Path) -> None:
    """Refuse what makes sense with a running stack alone."""
    if not is_running(read_state(home)):
        raise CannotStart(f"nothing runs from {home}: start it with `make up`")


@contextmanager
def only_stack(home: Path) -> Iterator[None]:
    """Hold the state folder for one supervisor; the kernel lets go of it even if that is killed."""
    with (home / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            pid = read_state(home).get("pid", "unknown")
            raise CannotStart(
                f"a stack already runs from {home} (pid {pid}): stop it with `make down`, "
                "or start another with its own BMMS_HOME and BMMS_PORT"
            ) from held
        yield


def open_home(home: Path) -> None:
    """Make the state folder if there is none; the modes of one that exists are left alone."""
    try:
        if not home.exists():
            home.mkdir(parents=True)
            # The database's user has to pass through; what is secret is closed file by file.
            home.chmod(0o711)
        for name in ("logs", "gateway", "nats"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as refused:
        raise CannotStart(
            f"the state folder {home} cannot be made ({refused.strerror}): set BMMS_HOME to "
            "a folder that you may write"
        ) from refused
    if not os.access(home, os.W_OK):
        raise CannotStart(
            f"the state folder {home} belongs to somebody else: remove it as its owner, or set "
            "BMMS_HOME to a folder of yours"
        )
