"""The ledger: obligations a second on one allotment, a statement over many lines, equal cost."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from uuid_utils.compat import uuid7

from deploy.local.passwords import keep_passwords
from deploy.local.settings import service_environment
from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.tenancy.actor import Actor
from services.budgeting.allotments.model import Allotment
from services.budgeting.obligations.model import Obligation, ObligationLine
from services.budgeting.obligations.usecases import certify_obligation, obligate_obligation
from services.budgeting.payees.model import Payee
from services.budgeting.postings.usecases import post
from services.budgeting.report_figures.model import Question, ReportKind
from services.budgeting.report_figures.queries import get_figures
from services.budgeting.tests.spending import DRAFT, PENDING, YEAR, funded
from tests.bench.section import Section
from tests.e2e.system import System

WRITERS = 16
OBLIGATIONS = 800
LEAST_RATE = 150
REPORTED = 100_000
MOST_SECONDS = 1.0
FEW, LOTS = 10_000, 1_000_000
MOST_RATIO = 1.3
PROBES = 200
ORG = "BENCH"
ON = date(YEAR, 2, 2)

COPIES = """
INSERT INTO budgeting.postings (org_id, id, kind, amount, balance_amount, posted_on, fiscal_year,
    expense_class, funding_source, item_id, allocation_id, allotment_id, obligation_id, reference,
    reason, version, created_at, created_by, updated_at, updated_by)
SELECT p.org_id, gen_random_uuid(), p.kind, p.amount, p.balance_amount,
    p.posted_on + (n % 300)::integer, p.fiscal_year, p.expense_class, p.funding_source, p.item_id,
    p.allocation_id, p.allotment_id, p.obligation_id, p.reference, p.reason, 1, p.created_at,
    p.created_by, p.updated_at, p.updated_by
FROM generate_series(1, {count}) AS n CROSS JOIN LATERAL (
    SELECT * FROM budgeting.postings WHERE org_id = '{org}' AND kind = 'obligated' LIMIT 1) AS p
"""


async def measure(system: System) -> Section:
    """Measure on the running stack's own database, with the rights of the application."""
    passwords = keep_passwords(system.home)
    env = service_environment(system.settings, passwords, "budgeting", "app")
    admin = Database(system.admin_url("bmms_budgeting", driver="postgresql+asyncpg"))
    database = Database(env["BUDGETING_DATABASE_URL"], pool_size=WRITERS)
    try:
        return await measure_on(database, admin)
    finally:
        await database.close()
        await admin.close()


async def measure_on(database: Database, admin: Database) -> Section:
    """Measure with the application's connections; the administrator's only fill the ledger."""
    section = Section("Ledger", ["what", "figure"])
    ready = await _obligations(database, OBLIGATIONS)
    rate = await _rate(database, ready)
    section.row(f"obligations accepted on one allotment, {WRITERS} writers", f"{rate:.0f} a second")
    cost = [await _cost(database, admin, lines) for lines in (FEW, LOTS)]
    section.row(f"one posting after {FEW} and {LOTS} lines", f"{cost[0]:.2f} and {cost[1]:.2f} ms")
    seconds = await _statement(database, admin)
    section.row(f"statement (FAR No. 1) over {REPORTED} lines", f"{seconds:.2f} s")
    section.goal(f"at least {LEAST_RATE} obligations a second", met=rate >= LEAST_RATE)
    section.goal(
        f"a posting after {LOTS} lines costs {cost[1] / cost[0]:.2f} times one after {FEW}"
        f" (at most {MOST_RATIO})",
        met=cost[1] / cost[0] <= MOST_RATIO,
    )
    section.goal(f"the statement takes at most {MOST_SECONDS} s", met=seconds <= MOST_SECONDS)
    section.close()
    return section


def _somebody(org: str = ORG) -> Actor:
    return Actor(uuid7(), org_id_of(org), org)


async def _obligations(database: Database, count: int, org: str = ORG) -> list[UUID]:
    """Return draft obligations of a peso each against one large allotment."""
    allocation = await funded(database, org, "9000000.00")
    async with database.unit_of_work(_somebody(org)) as uow:
        payee = Payee(name="Supplier", payee_type="supplier", address="", is_active=True)
        allotment = Allotment(
            **{**PENDING, "status": "released", "amount": Decimal(9_000_000)},
            allocation_id=allocation,
            fiscal_year=YEAR,
            approved_by=uuid7(),
            approved_at=uow.now(),
            released_at=uow.now(),
            release_number=1,
        )
        uow.session.add_all([payee, allotment])
        amount = Decimal(9_000_000)
        line: Any = {"amount": amount, "posted_on": ON, "reference": "ARO"}
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


async def _rate(database: Database, ready: list[UUID]) -> float:
    """Certify and obligate each; both are transactions that wait for the one allotment."""
    left = iter(ready)

    async def write() -> None:
        for obligation_id in left:
            for step in (certify_obligation, obligate_obligation):
                async with database.unit_of_work(_somebody()) as uow:
                    await step(uow, obligation_id)

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return len(ready) / (time.perf_counter() - began)


async def _fill(admin: Database, org: str, count: int) -> None:
    """Fill the ledger of an organization past its triggers, so that it is there in seconds."""
    async with admin.engine.begin() as connection:
        await connection.execute(text("SET session_replication_role = replica"))
        await connection.execute(text(COPIES.format(count=count, org=org_id_of(org))))
    async with admin.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE budgeting.postings"))


async def _cost(database: Database, admin: Database, lines: int) -> float:
    """Return the median milliseconds of one posting in a ledger of so many lines."""
    org = f"BENCH{lines}"
    [first, *ready] = await _obligations(database, PROBES + 1, org)
    await _through(database, org, first)
    await _fill(admin, org, lines)
    times = []
    for obligation_id in ready:
        began = time.perf_counter()
        await _through(database, org, obligation_id)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


async def _through(database: Database, org: str, obligation_id: UUID) -> None:
    async with database.unit_of_work(_somebody(org)) as uow:
        await certify_obligation(uow, obligation_id)
    async with database.unit_of_work(_somebody(org)) as uow:
        await obligate_obligation(uow, obligation_id)


async def _statement(database: Database, admin: Database) -> float:
    org = "BENCHREPORT"
    [first] = await _obligations(database, 1, org)
    await _through(database, org, first)
    await _fill(admin, org, REPORTED)
    question = Question(ReportKind.saaodb, YEAR, date(YEAR, 12, 31), datetime.now(UTC))
    async with database.unit_of_work(_somebody(org)) as uow:
        began = time.perf_counter()
        await get_figures(uow.session, question)
        return time.perf_counter() - began
