"""A register of ten thousand organizations and a quarter of a million people, and what it costs."""

from __future__ import annotations

import time

from tests.bench import sign_ins
from tests.bench.load import measure as load
from tests.bench.people import generate
from tests.bench.section import Section
from tests.e2e.system import System, Visitor

ORGANIZATIONS = 10_000
USERS = 250_000
LARGE = 10_000
MOST_MILLISECONDS = 30


async def measure(system: System, users: int = USERS, large: int = LARGE) -> Section:
    """Load them by COPY, then list the members of a large organization, and sign in."""
    section = Section(
        "Scale", ["request", "concurrency", "per second", "p50 ms", "p95 ms", "p99 ms"]
    )
    began = time.monotonic()
    await generate(
        system.admin_url("bmms_identity"),
        "person",
        users=users,
        at_moh=large,
        organizations=ORGANIZATIONS,
    )
    section.row(f"{users} people loaded by COPY in {time.monotonic() - began:.0f} s", *"-----")
    viewer = system.person("viewer", "MOH")
    members = f"{viewer.at('identity/members')}?limit=50"
    slowest = 0.0
    for name, path in (("first page", members), ("a page in the middle", middle(viewer, members))):
        result = await load(system.url, dict(viewer.headers), "GET", path, concurrency=1, count=300)
        section.result(f"members of {large}, {name}", 1, result)
        slowest = max(slowest, result.p95)
    section.goal(
        f"a page of {large} members takes at most {MOST_MILLISECONDS} ms p95",
        met=slowest <= MOST_MILLISECONDS,
    )
    times = await sign_ins.sign_ins(system, "person", sign_ins.SECONDS)
    sign_ins_section = Section(
        "Sign-in at scale", ["sign-ins", "a second", "p50 ms", "p95 ms", "p99 ms"]
    )
    sign_ins.add_row(sign_ins_section, times, sign_ins.SECONDS)
    section.lines += ["", *sign_ins_section.lines]
    section.missed += sign_ins_section.missed
    section.close()
    return section


def middle(viewer: Visitor, members: str) -> str:
    """Follow the pages for a while, as a person would, and return the address of the next one."""
    cursor = ""
    for _ in range(20):
        page = viewer.get(f"{members}&cursor={cursor}" if cursor else members).json()
        cursor = page["next"] or cursor
    return f"{members}&cursor={cursor}"
