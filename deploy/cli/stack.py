"""`bmms up`, `bmms down`, `bmms status`: the stack itself."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from deploy.local import control
from deploy.local.settings import read_settings, running_settings, state_folder
from deploy.local.state import is_running, read_state
from deploy.local.table import rows, show


def up(
    detach: Annotated[
        bool, typer.Option("--detach", help="Return when all is ready; `bmms down` stops it.")
    ] = False,
) -> None:
    """Start everything: PostgreSQL, NATS, the gateway and twelve processes."""
    settings = read_settings()
    if detach:
        control.run_detached(settings)
        return
    # Become the supervisor: it lives long and needs none of the libraries of this command.
    environment = control.supervisor_environment(settings)
    os.execve(sys.executable, control.SUPERVISOR, environment)  # noqa: S606 (a fixed command)


def down() -> None:
    """Stop what `bmms up` started."""
    if not control.stop(state_folder(), print):
        print(f"nothing runs from {state_folder()}")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what runs: name, port, process, memory, restarts; exit 1 when not all of it does."""
    home = state_folder()
    state = read_state(home)
    found = rows(home) if is_running(state) else []
    phase = state["phase"] if found else "down"
    if as_json:
        print(json.dumps({"phase": phase, "processes": [asdict(row) for row in found]}, indent=2))
    elif found:
        print(show(running_settings()))
    else:
        print(f"nothing runs from {home}: start it with `make up`")
    if phase != "ready" or not all(row.is_alive for row in found):
        raise typer.Exit(1)
