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

MOST_SECONDS = 20
MOST_MEGABYTES = 2048


def measure(system: System) -> Section:
    """Restart the running stack on its state, time it, and add up the memory of its processes."""
    section = Section("Start and memory", ["what", "figure"])
    command = [sys.executable, "-m", "deploy.cli.main"]
    env = {**os.environ, "BMMS_HOME": str(system.home), "BMMS_PORT": system.url.rsplit(":", 1)[1]}
    subprocess.run([*command, "down"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    began = time.monotonic()
    subprocess.run(
        [*command, "up", "--detach"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.monotonic() - began
    section.row("`make up` on existing state, to ready", f"{seconds:.1f} s")
    megabytes = memory(read_state(system.home)["pid"]) / 2**20
    section.row("memory of all processes (PSS)", f"{megabytes:.0f} MiB")
    section.goal(f"later starts within {MOST_SECONDS} s", met=seconds <= MOST_SECONDS)
    section.goal(f"at most {MOST_MEGABYTES} MiB in all", met=megabytes <= MOST_MEGABYTES)
    section.close()
    return section
