"""Reads and writes through the gateway, and what tenancy costs, measured in one run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]

from deploy.local.passwords import keep_passwords
from deploy.local.ports import find_free_port
from deploy.local.settings import service_environment
from tests.bench.load import Result
from tests.bench.load import measure as load
from tests.bench.section import Section
from tests.e2e.system import ROOT, System, Visitor
from tests.e2e.test_planning_journey import PLAN

PLANS = 20
COUNT = {1: 300, 16: 1600}
LEAST_RATIO = 2 / 3
ROUNDS = 3
BARE = "/api/v1/planning/bare/plans"


async def measure(system: System) -> Section:
    """Measure the ruled requests at concurrency 1 and 16, and what tenancy costs a list."""
    section = Section(
        "Requests", ["request", "concurrency", "per second", "p50 ms", "p95 ms", "p99 ms"]
    )
    staff, analyst = system.person("staff", "MOH"), system.person("analyst", "OCM")
    plans = staff.at("planning/strategic-plans")
    made = [staff.post(plans, json=PLAN).json() for _ in range(PLANS)]
    runs: list[tuple[str, Visitor, str, str, bool]] = [
        ("list of 20 plans", staff, "GET", f"{plans}?limit=20", False),
        ("plan detail", staff, "GET", f"{plans}/{made[0]['id']}", False),
        ("OCM budget", analyst, "GET", "/api/v1/ocm/budget?fiscal_year=2026", False),
        ("OCM overview", analyst, "GET", "/api/v1/ocm/overview?fiscal_year=2026", False),
        ("create plan", staff, "POST", plans, True),
    ]
    for name, who, method, path, writes in runs:
        for concurrency, count in COUNT.items():
            result = await load(
                system.url,
                dict(who.headers),
                method,
                path,
                concurrency=concurrency,
                count=count // 2 if writes else count,
                body=PLAN if writes else None,
            )
            section.result(name, concurrency, result)
    await _compare(system, section, staff, plans)
    section.close()
    return section


async def _compare(system: System, section: Section, staff: Visitor, plans: str) -> None:
    """Alternate the guarded and the bare list on their service ports; quote the median ratio."""
    spent = {"planning": 0.0, "bare": 0.0}
    async with _bare(system, staff) as (bare, pid):
        guarded = f"http://127.0.0.1:{system.port('planning')}"
        ratios = []
        for _ in range(ROUNDS):
            before = _processors(system.pid("planning"))
            full = await _list(guarded, dict(staff.headers), plans)
            spent["planning"] += (_processors(system.pid("planning")) - before) / full.requests
            before = _processors(pid)
            none = await _list(bare, {}, BARE)
            spent["bare"] += (_processors(pid) - before) / none.requests
            ratios.append(full.rate / none.rate)
    section.result("list, service port", 16, full)
    section.result("the same without tenancy and row security", 16, none)
    for name, took in spent.items():
        section.row(f"processor time of the service a list, {name}: {1000 * took / ROUNDS:.1f} ms")
    ratio = sorted(ratios)[ROUNDS // 2]
    section.goal(
        "the list keeps at least two thirds of its throughput without tenancy and row security",
        met=ratio >= LEAST_RATIO,
        measured=f"{ratio:.2f} (median of {', '.join(f'{each:.2f}' for each in ratios)})",
    )


def _processors(pid: int) -> float:
    return float(sum(psutil.Process(pid).cpu_times()[:2]))


async def _list(url: str, headers: dict[str, str], path: str) -> Result:
    return await load(url, headers, "GET", f"{path}?limit=20", concurrency=16, count=1000)


@asynccontextmanager
async def _bare(system: System, staff: Visitor) -> AsyncIterator[tuple[str, int]]:
    port = find_free_port()
    me: dict[str, Any] = staff.get("/api/v1/identity/me").json()
    passwords = keep_passwords(system.home)
    env = {
        **os.environ,
        **service_environment(system.settings, passwords, "planning", "app"),
        "PLANNING_DATABASE_URL": system.admin_url("bmms_planning", driver="postgresql+asyncpg"),
        "BENCH_ORG_ID": me["organization"]["id"],
    }
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--factory", "tests.bench.bare:create_app"),
        *("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--no-server-header"),
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient() as client:
            while server.returncode is None:
                try:
                    await client.get(f"http://127.0.0.1:{port}{BARE}")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        await server.wait()
