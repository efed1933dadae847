"""The ledger: obligations a second on one allotment, a statement over many lines, equal cost."""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import uvloop
from sqlalchemy import text
from uuid_utils.compat import uuid7

from deploy.local.passwords import keep_passwords
from deploy.local.settings import service_environment
from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.budgeting.allotments.model import Allotment
from services.budgeting.obligations.model import Obligation, ObligationLine
from services.budgeting.obligations.usecases import certify_obligation, obligate_obligation
from services.budgeting.payees.model import Payee
from services.budgeting.postings.usecases import post
from services.budgeting.report_figures.model import Question, ReportKind
from services.budgeting.report_figures.queries import get_figures
from services.budgeting.tests.spending import DRAFT, PENDING, YEAR, funded
from tests.bench.clock import Clock, Spent
from tests.bench.filling import fill
from tests.bench.load import Connection
from tests.bench.section import Section
from tests.e2e.system import System

WRITERS = 16
WARM_UP = 160
OBLIGATIONS = 800
LEAST_RATE = 150
PROGRAMS = 20
REPORTED = 100_000
MOST_SECONDS = 1.0
FEW, LOTS = 10_000, 1_000_000
MOST_RATIO = 1.3
PROBES = 150
ON = date(YEAR, 2, 2)
LARGE = Decimal(9_000_000)

Write = Callable[[UUID], Awaitable[None]]
Step = Callable[[UnitOfWork, UUID], Awaitable[Obligation]]
BOTH = (certify_obligation, obligate_obligation)

POSTING = """
EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) INSERT INTO budgeting.postings (org_id, id, kind, amount,
    posted_on, obligation_id, reference, reason, version, created_at, created_by, updated_at,
    updated_by)
VALUES (:org, uuidv7(), 'reserved', 1, :on, :obligation, 'bench', '', 1, now(), :org, now(), :org)
"""


@dataclass
class Bench:
    """The application's connections, the administrator's, which only fill the ledger, a clock."""

    database: Database
    admin: Database
    clock: Clock


def measure(system: System) -> Section:
    """Measure on the running stack's own database, on the event loop that its services run on."""
    return uvloop.run(_measure(system))


async def _measure(system: System) -> Section:
    """Connect as the application does, with its rights."""
    passwords = keep_passwords(system.home)
    env = service_environment(system.settings, passwords, "budgeting", "app")
    admin = Database(system.admin_url("bmms_budgeting", driver="postgresql+asyncpg"))
    database = Database(env["BUDGETING_DATABASE_URL"], pool_size=WRITERS)
    try:
        bench = Bench(database, admin, Clock("budgeting_app"))
        section = Section("Ledger", ["what", "figure"])
        await _over_http(bench, system, section)
        await measure_on(bench, section)
        return section
    finally:
        await database.close()
        await admin.close()


async def measure_on(bench: Bench, section: Section) -> None:
    """Measure the use cases and the statement in this process."""
    who = _somebody("BENCH")
    rate, spent = await _rate(bench, who, _through(bench.database, who))
    section.row(f"obligations accepted on one allotment, {WRITERS} writers", f"{rate:.0f} a second")
    section.row("one of them, use cases + database", spent)
    await _by_step(bench, who, section)
    (few, some), (lots, many) = [await _cost(bench, lines) for lines in (FEW, LOTS)]
    ratio, own = lots.wall / few.wall, lots.database / few.database
    for lines, cost, pages in ((FEW, few, some), (LOTS, lots, many)):
        figure = f"{1000 * cost.wall:.2f} ms; {cost}; a posting touches {pages} pages"
        section.row(f"one after {lines} lines", figure)
    told = await _statement(bench)
    seconds = told.wall
    section.row(f"statement (FAR No. 1) over {REPORTED} lines", f"{seconds:.2f} s; {told}")
    section.goal(
        f"at least {LEAST_RATE} obligations a second accepted on one allotment",
        met=rate >= LEAST_RATE,
        measured=f"{rate:.0f} a second",
    )
    section.goal(
        f"an obligation costs at most {MOST_RATIO} times as much after {LOTS} lines as after {FEW}",
        met=ratio <= MOST_RATIO,
        measured=f"{ratio:.2f} times the time, {own:.2f} times the database's processor time,"
        f" {many / some:.2f} times the pages",
    )
    section.goal(
        f"the statement takes at most {MOST_SECONDS} s",
        met=seconds <= MOST_SECONDS,
        measured=f"{seconds:.2f} s",
    )
    section.close()


def _somebody(org: str) -> Actor:
    return Actor(uuid7(), org_id_of(org), org)


async def _obligations(
    database: Database, count: int, actor: Actor, program: str = "Bench"
) -> list[UUID]:
    """Return draft obligations of a peso each against one large allotment."""
    allocation = await funded(database, actor, str(LARGE), program_title=program)
    async with database.unit_of_work(actor) as uow:
        payee = Payee(name="Supplier", payee_type="supplier", address="", is_active=True)
        allotment = Allotment(
            **{**PENDING, "status": "released", "amount": LARGE},
            allocation_id=allocation,
            fiscal_year=YEAR,
            approved_by=uuid7(),
            approved_at=uow.now(),
            released_at=uow.now(),
            release_number=time.time_ns() % 1_000_000_000,
        )
        uow.session.add_all([payee, allotment])
        line: Any = {"amount": LARGE, "posted_on": ON, "reference": "ARO"}
        await uow.session.flush()
        await post(uow, kind="allotted", allotment_id=allotment.id, **line)
        made = [_draft(allotment, payee.id) for _ in range(count)]
        uow.session.add_all(made)
        await uow.session.flush()
        return [each.id for each in made]


def _draft(allotment: Allotment, payee_id: UUID) -> Obligation:
    made = Obligation(
        **DRAFT,
        fiscal_year=YEAR,
        particulars="",
        allotment_id=allotment.id,
        allocation_id=allotment.allocation_id,
        payee_id=payee_id,
        prepared_by=uuid7(),
    )
    made.set_lines([ObligationLine(object_code="50203010", description="x", amount=Decimal(1))])
    return made


def _through(database: Database, actor: Actor, steps: Sequence[Step] = BOTH) -> Write:
    """Return what certifies and obligates: two transactions that wait for the one allotment."""

    async def write(obligation_id: UUID) -> None:
        for step in steps:
            another = Actor(uuid7(), actor.org_id, actor.org_code)
            async with database.unit_of_work(another) as uow:
                await step(uow, obligation_id)

    return write


async def _rate(bench: Bench, actor: Actor, write: Write) -> tuple[float, Spent]:
    """Take many through at once, once connections and plans are warm."""
    ready = await _obligations(bench.database, WARM_UP + OBLIGATIONS, actor)
    await _all(ready[:WARM_UP], write)
    async with bench.clock() as spent:
        await _all(ready[WARM_UP:], write)
    return OBLIGATIONS / spent.wall, spent.each(OBLIGATIONS)


async def _by_step(bench: Bench, actor: Actor, section: Section) -> None:
    """Take many through one step, then all of them through the next."""
    ready = await _obligations(bench.database, WARM_UP + OBLIGATIONS, actor, "Step by step")
    for step in BOTH:
        write = _through(bench.database, actor, (step,))
        await _all(ready[:WARM_UP], write)
        async with bench.clock() as spent:
            await _all(ready[WARM_UP:], write)
        rate = OBLIGATIONS / spent.wall
        section.row(f"{step.__name__} alone, {WRITERS} writers", f"{rate:.0f} a second")


async def _all(ready: list[UUID], write: Write) -> None:
    left = iter(ready)

    async def work() -> None:
        for obligation_id in left:
            await write(obligation_id)

    await asyncio.gather(*(work() for _ in range(WRITERS)))


async def _over_http(bench: Bench, system: System, section: Section) -> None:
    """The same two steps as two requests each through the gateway, load from this machine."""
    person = system.person("budget_officer", "MOH")
    claims = person.headers["authorization"].split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    actor = Actor(uuid7(), UUID(told["org"]), "MOH")
    connections = [Connection(system.url, dict(person.headers)) for _ in range(WRITERS)]
    idle = list(connections)

    async def write(obligation_id: UUID) -> None:
        connection, match = idle.pop(), '"1"'
        for verb in ("certify", "obligate"):
            here = person.at(f"budgeting/obligations/{obligation_id}/{verb}")
            extra = {"If-Match": match}
            status, headers, body = await connection.request("POST", here, extra=extra)
            if status != 200:
                raise RuntimeError(f"{verb}: {status} {body[:300]!r}")
            match = headers["etag"]
        idle.append(connection)

    rate, _ = await _rate(bench, actor, write)
    for connection in connections:
        await connection.close()
    section.row("the same over HTTP, two requests each", f"{rate:.0f} a second")


async def _cost(bench: Bench, lines: int) -> tuple[Spent, int]:
    """Return what one obligation costs after so many lines (a median), and the pages it touches."""
    actor = _somebody(f"BENCH{lines}")
    write = _through(bench.database, actor)
    [first, *ready] = await _obligations(bench.database, 2 * PROBES + 1, actor)
    await write(first)
    await fill(bench.database, bench.admin, actor, lines)
    warm, ready = ready[:PROBES], ready[PROBES:]
    await _all(warm, write)
    times = []
    async with bench.clock() as spent:
        for obligation_id in ready:
            began = time.perf_counter()
            await write(obligation_id)
            times.append(time.perf_counter() - began)
    told = spent.each(PROBES)
    told.wall = statistics.median(times)
    return told, await _pages(bench, actor, first)


async def _pages(bench: Bench, actor: Actor, obligation_id: UUID) -> int:
    """Count the pages that one posting touches, once its plans are made; nothing is kept."""
    line = {"org": actor.org_id, "obligation": obligation_id, "on": ON}
    async with bench.database.sessions(info={"actor": actor}) as session:
        for _ in range(10):
            [[plan]] = (await session.execute(text(POSTING), line)).all()
        await session.rollback()
    return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])


async def _statement(bench: Bench) -> Spent:
    """Return what one statement over the programs of an organization takes."""
    actor = _somebody("BENCHREPORT")
    for number in range(PROGRAMS):
        [only] = await _obligations(bench.database, 1, actor, f"Program {number}")
        await _through(bench.database, actor)(only)
    await fill(bench.database, bench.admin, actor, REPORTED // PROGRAMS)
    question = Question(ReportKind.saaodb, YEAR, date(YEAR, 12, 31), datetime.now(UTC))
    async with bench.database.unit_of_work(actor) as uow, bench.clock() as spent:
        await get_figures(uow.session, question)
    return spent
