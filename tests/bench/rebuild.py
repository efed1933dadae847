"""Building OCM's store anew beside the one in use, while people read it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from tests.bench.load import Connection
from tests.bench.section import Section
from tests.e2e.system import ROOT, System

PER_SECOND = 20


async def measure(system: System) -> Section:
    """Rebuild the store and read the overview all the while."""
    section = Section("Rebuild of OCM", ["what", "figure"])
    headers = dict(system.person("analyst", "OCM").headers)
    done, answers = asyncio.Event(), []
    reading = asyncio.create_task(_read(system.url, headers, done, answers))
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli.main", "rebuild", "ocm"),
        cwd=ROOT,
        env={**os.environ, "BMMS_HOME": str(system.home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    seconds = time.perf_counter() - began
    await asyncio.sleep(1)
    done.set()
    await reading
    if process.returncode != 0:
        raise RuntimeError(told.decode().strip().split("\n")[-1])
    failed = sum(status != 200 for status, _ in answers)
    slowest = max(took for _, took in answers)
    section.row("store built anew from every outbox and swapped in", f"{seconds:.1f} s")
    section.row("overviews read meanwhile", len(answers))
    section.row("the slowest of them", f"{slowest * 1000:.0f} ms")
    section.goal(
        "rebuilding OCM fails no read", met=failed == 0, measured=f"{failed} of {len(answers)}"
    )
    section.close()
    return section


async def _read(url: str, headers: dict[str, str], done: asyncio.Event, answers: list[Any]) -> None:
    connection = Connection(url, headers)
    while not done.is_set():
        began = time.perf_counter()
        status, _, _ = await connection.request("GET", "/api/v1/ocm/overview?fiscal_year=2026")
        took = time.perf_counter() - began
        answers.append((status, took))
        await asyncio.sleep(max(0.0, 1 / PER_SECOND - took))
    await connection.close()
