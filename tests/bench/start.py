"""Start-up time and memory of the whole stack."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from deploy.local.running import memory
from deploy.local.state import read_state
from tests.bench.section import Section
from tests.e2e.system import ROOT, System

MOST_SECONDS_FIRST = 120
MOST_SECONDS = 20
MOST_MEGABYTES = 2048

first_start = 0.0
"""How long the stack that is measured took to start: databases, migrations, register, accounts."""


def measure(system: System) -> Section:
    """Restart the running stack on its state, time it, and add up the memory of its processes."""
    section = Section("Start and memory", ["what", "figure"])
    section.row("first start, on an empty state folder, to ready", f"{first_start:.1f} s")
    command = [sys.executable, "-m", "deploy.cli.main"]
    env = {**os.environ, "BMMS_HOME": str(system.home), "BMMS_PORT": system.url.rsplit(":", 1)[1]}
    subprocess.run([*command, "down"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    began = time.monotonic()
    subprocess.run(
        [*command, "up", "--detach"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.monotonic() - began
    section.row("later start, on existing state, to ready", f"{seconds:.1f} s")
    megabytes = stack_memory(system)
    section.row("memory of all processes (PSS)", f"{megabytes:.0f} MiB")
    section.goal(
        f"the first start takes at most {MOST_SECONDS_FIRST} s (here without installing)",
        met=first_start <= MOST_SECONDS_FIRST,
        measured=f"{first_start:.1f} s",
    )
    section.goal(
        f"later starts take at most {MOST_SECONDS} s",
        met=seconds <= MOST_SECONDS,
        measured=f"{seconds:.1f} s",
    )
    section.goal(
        f"at most {MOST_MEGABYTES} MiB of memory in all",
        met=megabytes <= MOST_MEGABYTES,
        measured=f"{megabytes:.0f} MiB",
    )
    section.close()
    return section


def stack_memory(system: System) -> float:
    """Return the MiB of all processes of the stack; what they share is counted once."""
    return memory(read_state(system.home)["pid"]) / 2**20
