"""A register of ten thousand organizations and a quarter of a million people, and what it costs."""

from __future__ import annotations

import asyncio
import time

from tests.bench import revocations, sign_ins
from tests.bench.load import measure as load
from tests.bench.people import generate
from tests.bench.section import Section
from tests.bench.start import MOST_MEGABYTES, stack_memory
from tests.e2e.system import System, Visitor

ORGANIZATIONS = 10_000
USERS = 250_000
LARGE = 10_000
MOST_MILLISECONDS = 30
REMOVALS = 10


async def measure(system: System, users: int = USERS, large: int = LARGE) -> Section:
    """Load them by COPY, then measure what was measured before on a small register."""
    section = Section("Scale", ["what", "a second", "p50 ms", "p95 ms", "p99 ms"])
    began = time.monotonic()
    await generate(
        system.admin_url("bmms_identity"),
        "person",
        users=users,
        at_moh=large,
        organizations=ORGANIZATIONS,
    )
    loaded = f"{users} people in {ORGANIZATIONS} organizations"
    section.row(f"{loaded} loaded by COPY in {time.monotonic() - began:.0f} s")
    await _members(section, system, large)
    await sign_ins.add_sign_ins(section, system, "person", seconds=sign_ins.SECONDS)
    took = await asyncio.to_thread(revocations.removals, system, REMOVALS)
    section.row(f"{REMOVALS} removals, the longest until refused {max(took):.2f} s")
    megabytes = stack_memory(system)
    section.row(f"memory of all processes (PSS) {megabytes:.0f} MiB")
    section.goal(
        f"with {loaded}: a removal is refused within {revocations.MOST_SECONDS:.0f} s",
        met=max(took) <= revocations.MOST_SECONDS,
        measured=f"{max(took):.2f} s at the longest",
    )
    section.goal(
        f"with {loaded}: at most {MOST_MEGABYTES} MiB of memory in all",
        met=megabytes <= MOST_MEGABYTES,
        measured=f"{megabytes:.0f} MiB",
    )
    section.close()
    return section


async def _members(section: Section, system: System, large: int) -> None:
    """Read pages of a large organization at identity's own port and through the gateway."""
    viewer = system.person("viewer", "MOH", afresh=True)
    first = f"{viewer.at('identity/members')}?limit=50"
    pages = (("first page", first), ("a page in the middle", middle(viewer, first)))
    direct = f"http://127.0.0.1:{system.port('identity')}"
    for where, url in (("service port", direct), ("gateway", system.url)):
        slowest = 0.0
        for name, path in pages:
            result = await load(url, dict(viewer.headers), "GET", path, concurrency=1, count=300)
            times = (f"{each:.1f}" for each in (result.p50, result.p95, result.p99))
            section.row(f"50 of {large} members, {name}, {where}", f"{result.rate:.0f}", *times)
            slowest = max(slowest, result.p95)
        section.goal(
            f"50 of {large} members take at most {MOST_MILLISECONDS} ms p95, {where}",
            met=slowest <= MOST_MILLISECONDS,
            measured=f"{slowest:.1f} ms",
        )


def middle(viewer: Visitor, members: str) -> str:
    """Follow the pages for a while, as a person would, and return the address of the next one."""
    cursor = ""
    for _ in range(20):
        page = viewer.get(f"{members}&cursor={cursor}" if cursor else members).json()
        cursor = page["next"] or cursor
    return f"{members}&cursor={cursor}"
