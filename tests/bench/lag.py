"""From the commit in planning to the Chief Minister's store, at 50 events a second."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import date

import asyncpg

from tests.bench.load import Connection
from tests.bench.section import Section
from tests.e2e.system import System
from tests.e2e.test_planning_journey import PLAN

EVENTS = 1000
PER_SECOND = 50
P50_MS = 200
P99_MS = 1000


async def measure(system: System) -> Section:
    """Record readings at a steady rate; compare each event's instant with when OCM applied it."""
    section = Section(
        f"Commit to OCM at {PER_SECOND} events a second", ["events", "p50 ms", "p95 ms", "p99 ms"]
    )
    staff, manager = system.person("staff", "MAFAR"), system.person("manager", "MAFAR")
    plan = staff.post(staff.at("planning/strategic-plans"), json=PLAN).json()
    here = staff.at(f"planning/strategic-plans/{plan['id']}")
    for who, verb in ((staff, "submit"), (manager, "approve"), (manager, "activate")):
        who.act(here, verb).raise_for_status()
    await _readings(system, dict(staff.headers), f"{here}/goals/{plan['goals'][0]['id']}/readings")
    for _ in range(100):
        lags = await _lags(system)
        if len(lags) == EVENTS:
            break
        await asyncio.sleep(0.1)
    cuts = statistics.quantiles(lags, n=100)
    section.row(len(lags), *(f"{cuts[at]:.0f}" for at in (49, 94, 98)))
    for name, most, figure in (("p50", P50_MS, cuts[49]), ("p99", P99_MS, cuts[98])):
        section.goal(
            f"from commit to OCM at {PER_SECOND} events a second: {name} at most {most} ms",
            met=figure <= most,
            measured=f"{figure:.0f} ms",
        )
    section.goal(
        "every event arrived", met=len(lags) == EVENTS, measured=f"{len(lags)} of {EVENTS}"
    )
    section.close()
    return section


async def _readings(system: System, headers: dict[str, str], path: str) -> None:
    connections = [Connection(system.url, headers) for _ in range(8)]
    began = time.perf_counter()

    async def send(connection: Connection, numbers: range) -> None:
        for number in numbers:
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            body = {"measured_on": date(2026, 1, 31).isoformat(), "value": f"{number % 100}"}
            status, _, answer = await connection.request("POST", path, body)
            if status != 201:
                raise RuntimeError(f"{status}: {answer[:300]!r}")
        await connection.close()

    await asyncio.gather(
        *(send(each, range(nth, EVENTS, 8)) for nth, each in enumerate(connections))
    )


async def _lags(system: System) -> list[float]:
    """Join by event id in this process: the two databases know nothing of each other."""
    ocm = await asyncpg.connect(system.admin_url("bmms_ocm", driver="postgresql"))
    applied = dict(await ocm.fetch("SELECT event_id, applied_at FROM ocm.inbox"))
    await ocm.close()
    planning = await asyncpg.connect(system.admin_url("bmms_planning", driver="postgresql"))
    happened = await planning.fetch(
        "SELECT event_id, occurred_at FROM planning.outbox"
        " WHERE subject = 'planning.strategic_plan.progressed.v1'"
    )
    await planning.close()
    return [
        (applied[event_id] - occurred_at).total_seconds() * 1000
        for event_id, occurred_at in happened
        if event_id in applied
    ]
