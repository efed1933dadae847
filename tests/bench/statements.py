"""How many SQL statements a list costs, and a whole sign-in: counted in the database's own log."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import asyncpg
import psutil  # type: ignore[import-untyped]

from deploy.cli.token import Credentials, access_token
from tests.bench.people import PASSWORD, address, generate
from tests.bench.section import Section
from tests.e2e.system import System, Visitor
from tests.e2e.test_budgeting_journey import PROPOSAL
from tests.e2e.test_coordination_journey import PARTNERSHIP
from tests.e2e.test_mana_journey import ASSESSMENT
from tests.e2e.test_planning_journey import PLAN

MOST = 3
TRIES = 3
"""What comes by the way, a key set read anew, falls between; the fewest of some tries count."""

LISTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("planning/strategic-plans", PLAN),
    ("budgeting/proposals", PROPOSAL),
    ("mana/assessments", ASSESSMENT),
    ("coordination/inter-moa-partnerships", PARTNERSHIP),
    ("identity/members", {}),
)
"""Where lists are, and of what one is made first: an empty list costs less."""

COUNTED = re.compile(
    r"^[\d.]+\((\d+)\) LOG:  duration: [\d.]+ ms +(?:execute [^:]+|statement): "
    r"(?!BEGIN|COMMIT|ROLLBACK)",
    re.MULTILINE,
)
"""What begins and ends a transaction does not count, nor what it says in the same breath."""


async def measure(system: System) -> Section:
    """Count while nobody else is there."""
    section = Section("SQL statements", ["request", "statements"])
    counts = {}
    await _log(system, "0")
    try:
        staff = system.person("staff", "MOH")
        for path, body in LISTS:
            if body:
                staff.post(staff.at(path), json=body).raise_for_status()
            counts[path] = _fewest(system, path.split("/")[0], partial(_list, staff, path))
            section.row(f"list at {path}", counts[path])
        await _sign_ins(system, section)
    finally:
        await _log(system, "-1")
    section.goal(
        f"at most {MOST} SQL statements a list",
        met=max(counts.values()) <= MOST,
        measured=", ".join(f"{path} {count}" for path, count in counts.items()),
    )
    section.close()
    return section


def _list(staff: Visitor, path: str) -> None:
    staff.get(staff.at(f"{path}?limit=20")).raise_for_status()


async def _sign_ins(system: System, section: Section) -> None:
    await generate(system.admin_url("bmms_identity"), "counted", users=TRIES + 1, at_moh=TRIES + 1)
    people = (Credentials(address("counted", n), PASSWORD) for n in range(TRIES + 1))
    found = _fewest(
        system, "identity", lambda: access_token(system.settings, next(people), "MOH") and None
    )
    section.row("a sign-in, from the client's request to its token (five requests)", found)


def _fewest(system: System, service: str, ask: Callable[[], object]) -> int:
    ask()
    counts = []
    for _ in range(TRIES):
        with _told(system) as told:
            ask()
        # By their ports: the statements of the service's worker are none of the request's.
        own = psutil.Process(system.pid(service)).net_connections("tcp")
        ports = {str(each.laddr.port) for each in own}
        counts.append(sum(match[1] in ports for match in COUNTED.finditer(next(told))))
    return min(counts)


@contextmanager
def _told(system: System) -> Iterator[Iterator[str]]:
    """Yield what will have been logged once the block is over."""
    log = system.home / "logs" / "postgres.log"
    at = log.stat().st_size
    yield (log.read_bytes()[at:].decode(errors="replace") for _ in (0,))
    time.sleep(0.2)  # until the database has written what it has said


async def _log(system: System, most: str) -> None:
    connection = await asyncpg.connect(system.admin_url("postgres"))
    await connection.execute(f"ALTER SYSTEM SET log_min_duration_statement = {most}")
    await connection.execute("ALTER SYSTEM SET log_line_prefix = '%r '")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    await asyncio.sleep(0.5)
