"""Five hundred commands in flight while parts die: each is in OCM exactly once at the end."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import nats

from deploy.local.passwords import keep_passwords
from tests.e2e.system import System, eventually
from tests.e2e.test_planning_journey import PLAN

COMMANDS = 500
CLIENTS = 40
TRIES = 120


async def test_no_acknowledged_command_is_lost_or_doubled(system: System) -> None:
    readings, plan_id, headers = active_plan(system, "OOBC")
    done = 0
    milestones = [asyncio.Event() for _ in range(5)]  # a fifth of the commands each

    async def record(client: httpx.AsyncClient, numbers: range) -> None:
        nonlocal done
        for number in numbers:
            await once(client, readings, number)
            done += 1
            milestones[min(done * len(milestones) // COMMANDS, 4)].set()

    async def kill_parts() -> None:
        parts = ["planning-worker", "nats", "planning", "ocm-worker"]
        for nth, part in enumerate(parts, start=1):
            await milestones[nth].wait()
            system.kill(part)

    async with httpx.AsyncClient(base_url=system.url, headers=headers, timeout=30) as client:
        await asyncio.gather(
            kill_parts(), *(record(client, range(nth, COMMANDS, CLIENTS)) for nth in range(CLIENTS))
        )
    await all_arrived(system, plan_id, COMMANDS)


async def test_a_deleted_stream_is_healed_from_the_outbox(system: System) -> None:
    readings, plan_id, headers = active_plan(system, "MOLE")
    settings, secret = system.settings, keep_passwords(system.home).nats["planning"]
    async with httpx.AsyncClient(base_url=system.url, headers=headers, timeout=30) as client:
        system.kill("ocm-worker")
        for number in range(50):
            await once(client, readings, number)
        broker = await nats.connect(f"nats://planning:{secret}@127.0.0.1:{settings.ports.nats}")
        await broker.jetstream().delete_stream("PLANNING")
        await broker.close()
        for number in range(50, 60):
            await once(client, readings, number)
    await all_arrived(system, plan_id, 60)


def active_plan(system: System, org: str) -> tuple[str, str, dict[str, str]]:
    """Make an active plan; return where its first goal takes readings, its id, and a sign-in."""
    staff, manager = system.person("staff", org), system.person("manager", org)
    plan = staff.post(staff.at("planning/strategic-plans"), json=PLAN).json()
    here = staff.at(f"planning/strategic-plans/{plan['id']}")
    for who, verb in ((staff, "submit"), (manager, "approve"), (manager, "activate")):
        assert who.act(here, verb).status_code == 200
    return f"{here}/goals/{plan['goals'][0]['id']}/readings", plan["id"], dict(staff.headers)


async def once(client: httpx.AsyncClient, url: str, number: int) -> None:
    """Record a reading, repeating with the same key until it is acknowledged."""
    key = {"Idempotency-Key": uuid4().hex}
    body = {"measured_on": "2026-01-31", "value": f"{number % 100}"}
    for _ in range(TRIES):
        try:
            answer = await client.post(url, json=body, headers=key)
        except httpx.HTTPError:
            await asyncio.sleep(0.25)
            continue
        if answer.status_code == 201:
            return
        assert answer.status_code in (409, 502, 503, 504), answer.text
        await asyncio.sleep(0.25)
    raise AssertionError(f"reading {number} was never acknowledged")


async def all_arrived(system: System, plan_id: str, count: int) -> None:
    """Wait until OCM has applied one event per command, and compare by event id."""
    sent = await rows(
        system,
        "planning",
        "SELECT event_id FROM planning.outbox WHERE aggregate_id = $1"
        " AND subject = 'planning.strategic_plan.progressed.v1'",
        plan_id,
    )
    assert len(sent) == count, "a command was lost or done twice in planning itself"
    expected = {row["event_id"] for row in sent}
    for _ in range(600):
        facts = await rows(
            system, "ocm", "SELECT event_id FROM ocm.facts WHERE aggregate_id = $1", plan_id
        )
        arrived = [row["event_id"] for row in facts]
        if expected <= set(arrived):
            break
        await asyncio.sleep(0.1)
    assert expected <= set(arrived), f"{len(expected - set(arrived))} events are missing in OCM"
    assert len(arrived) == len(set(arrived)), "an event was applied twice"
    eventually(lambda: fresh(system))


def fresh(system: System) -> None:
    """Assert that OCM says of itself that nothing of planning is missing."""
    answer = system.person("analyst", "OCM").get("/api/v1/ocm/overview").json()
    planning = next(each for each in answer["sources"] if each["source"] == "planning")
    assert planning["applied_seq"] == planning["head_seq"]
    assert planning["lag_seconds"] < 10


async def rows(system: System, service: str, statement: str, *values: Any) -> list[Any]:
    """Read a service's database as its administrator."""
    connection = await asyncpg.connect(system.admin_url(f"bmms_{service}"))
    try:
        found: list[Any] = await connection.fetch(statement, *values)
        return found
    finally:
        await connection.close()
