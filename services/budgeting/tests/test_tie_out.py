"""Every report of one ledger, made at random, says the same as the ledger and as the others."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.tenancy.actor import Actor
from services.budgeting.allocations.model import Allocation
from services.budgeting.postings.model import Posting
from services.budgeting.report_figures.model import Figures, Grouping, Question, ReportKind
from services.budgeting.reports.queries import EVERY, get_figures_of
from services.budgeting.tests.drawn import CASH_AMOUNT, ZERO, made_at_random
from services.budgeting.tests.spending import YEAR

Totals = Mapping[str, Decimal]


def totals_of(told: Figures) -> dict[str, Decimal]:
    """Return the sums by column, re-added from the rows; the report's own must be the same."""
    sums: dict[str, Decimal] = {}
    for at, column in enumerate(told.columns):
        if column.is_summed:
            sums[column.key] = sum((Decimal(row[at] or 0) for row in told.rows), ZERO)
            assert told.totals[at] == f"{sums[column.key]:.2f}"
            if told.parts:
                parts = sum((Decimal(part[at] or 0) for part in told.parts), ZERO)
                assert parts == sums[column.key], (told.title, column.key)
    return sums


def column_of(told: Figures, key: str) -> list[str | None]:
    at = [column.key for column in told.columns].index(key)
    return [row[at] for row in told.rows]


class Ledger:
    """What the postings up to a day add up to, computed here and not by the database."""

    def __init__(self, postings: Iterable[Posting], as_of: date) -> None:
        self.lines = [each for each in postings if each.posted_on <= as_of]

    def sum(self, *prefixes: str, **where: Any) -> Decimal:
        return sum(
            (
                each.amount
                for each in self.lines
                if each.kind.startswith(prefixes)
                and all(getattr(each, name) == value for name, value in where.items())
            ),
            ZERO,
        )

    def taken(self) -> Decimal:
        """Return what others gave; what came back from them was not given after all."""
        moved = (each for each in self.lines if each.kind == "allotment_transferred")
        return sum(
            (each.amount for each in moved if each.amount > 0 and not each.reverses_id), ZERO
        )


async def every_report(session: AsyncSession, as_of: date) -> dict[ReportKind, Figures]:
    """Return all of them; each asks the database once, however long the ledger is."""
    asked: list[str] = []
    connection = await session.connection()

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(connection.sync_connection, "before_cursor_execute", count)
    told = {
        kind: await get_figures_of(
            session, Question(kind, YEAR, as_of, datetime.now(UTC), organization="MOH x")
        )
        for kind in EVERY
    }
    event.remove(connection.sync_connection, "before_cursor_execute", count)
    assert len(asked) == len(EVERY) == len(ReportKind)
    return told


async def test_every_report_ties_to_the_ledger_and_to_the_others(app: FastAPI) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)  # noqa: T201 (shown when the test fails)
    database: Database = app.state.database
    await made_at_random(database, seed)
    async with database.unit_of_work(Actor(uuid7(), org_id_of("MOH"), "MOH")) as uow:
        postings = (await uow.session.scalars(select(Posting))).all()
        kept = (await uow.session.scalars(select(Allocation))).all()
        for as_of in (date(YEAR, 5, 31), date(YEAR, 12, 31)):
            ledger = Ledger(postings, as_of)
            told = await every_report(uow.session, as_of)
            sums = {kind: totals_of(figures) for kind, figures in told.items()}
            the_statement_is_the_ledger(sums[ReportKind.saaodb], ledger)
            the_forms_are_the_statement(told, sums, ledger)
            the_plans_beside_it(sums, ledger)
            by_class(told, ledger)
            for group in Grouping:
                question = Question(ReportKind.status, YEAR, as_of, datetime.now(UTC), group)
                status = totals_of(await get_figures_of(uow.session, question))
                assert status == sums[ReportKind.status]
        assert sum(each.disbursed_amount for each in kept) == sums[ReportKind.saaodb]["disbursed"]
        assert sum(each.obligated_amount for each in kept) == sums[ReportKind.raod]["obligations"]


def the_statement_is_the_ledger(told: Totals, ledger: Ledger) -> None:
    obliged, paid = ledger.sum("obligat"), ledger.sum("disburse")
    assert told["adjusted"] == ledger.sum("appropria")
    assert told["allotments"] == ledger.sum("allotted", "allotment")
    assert told["obligated"] == sum(told[f"obligated_q{each}"] for each in range(1, 5)) == obliged
    assert told["disbursed"] == sum(told[f"disbursed_q{each}"] for each in range(1, 5)) == paid
    given, taken = told["transfers_to"], told["transfers_from"]
    assert taken - given == ledger.sum("allotment_transferred")
    assert taken == ledger.taken()
    assert told["allotments"] == told["received"] + told["withdrawn"] - given + taken
    assert told["unreleased"] == told["adjusted"] - told["allotments"]
    assert told["unobligated"] == told["allotments"] - obliged
    assert told["due"] + told["not_yet_due"] == obliged - paid


def the_forms_are_the_statement(
    told: Mapping[ReportKind, Figures], sums: Mapping[ReportKind, Totals], ledger: Ledger
) -> None:
    whole = sums[ReportKind.saaodb]
    by_object = sums[ReportKind.by_object]
    assert by_object == {key: whole[key] for key in by_object}
    for owed in zip(
        *(column_of(told[ReportKind.by_object], each) for each in ("obligated", "disbursed")),
        strict=True,
    ):
        assert Decimal(owed[0] or 0) >= Decimal(owed[1] or 0) >= 0
    the_lists_are_the_statement(sums, ledger)
    aging = sums[ReportKind.payables]
    assert aging["unpaid"] == whole["due"] + whole["not_yet_due"]
    assert aging["not_yet_due"] == whole["not_yet_due"]
    months = sums[ReportKind.payments_by_month]
    assert months["disbursed"] == whole["disbursed"]
    assert months["received"] == CASH_AMOUNT
    assert months["net"] + months["withheld"] + months["deducted"] == whole["disbursed"]
    programs = sums[ReportKind.disbursements_by_program]
    assert programs["disbursed"] == whole["disbursed"]
    assert programs["disbursed"] == sum(programs[f"m{at}"] for at in range(1, 13))
    for quarter in range(1, 5):
        part = sum(programs[f"m{3 * quarter - at}"] for at in range(3))
        assert part == whole[f"disbursed_q{quarter}"]
    assert sums[ReportKind.lapsing]["unobligated"] == whole["adjusted"] - whole["obligated"]
    status = sums[ReportKind.status]
    assert (status["appropriated"], status["allotted"]) == (whole["adjusted"], whole["allotments"])
    assert status["unpaid"] == aging["unpaid"]


def the_lists_are_the_statement(sums: Mapping[ReportKind, Totals], ledger: Ledger) -> None:
    whole, raod = sums[ReportKind.saaodb], sums[ReportKind.raod]
    for mine, theirs in (("allotments",) * 2, ("obligations", "obligated")):
        assert raod[mine] == whole[theirs]
    assert raod["disbursements"] == whole["disbursed"]
    listed = sums[ReportKind.allotment_list]
    transferred = whole["transfers_from"] - whole["transfers_to"]
    same = {key: whole[key] for key in ("received", "withdrawn", "allotments")}
    assert listed == {**same, "transferred": transferred}
    moved = sums[ReportKind.transfers]
    assert (moved["appropriation"], moved["allotment"]) == (
        whole["adjustments"],
        whole["withdrawn"] + transferred,
    )
    assert moved["allocation"] == ledger.sum("allocation")


def the_plans_beside_it(sums: Mapping[ReportKind, Totals], ledger: Ledger) -> None:
    whole, plan = sums[ReportKind.saaodb], sums[ReportKind.financial_plan]
    assert plan["appropriated"] == whole["adjusted"]
    assert plan["allocated"] == ledger.sum("allocated", "allocation")
    assert plan["obligated"] == whole["obligated"]
    assert plan["planned"] == plan["allocated"] - plan["unplanned"]
    assert plan["planned"] == sum(plan[f"q{quarter}"] for quarter in range(1, 5))
    cash = sums[ReportKind.cash_programme]
    assert cash["planned"] == plan["planned"] == sum(cash[f"m{at}"] for at in range(1, 13))
    assert cash["unpaid"] == cash["planned"] - whole["disbursed"]
    for quarter in range(1, 5):
        assert sum(cash[f"m{3 * quarter - at}"] for at in range(3)) == plan[f"q{quarter}"]
    people = sums[ReportKind.peoples_budget]
    assert people["appropriated"] == whole["adjusted"]
    assert people["allotted"] == whole["allotments"]
    quick = sums[ReportKind.quick_export]
    for told in (people, quick):
        assert told["obligated"] == whole["obligated"]
        assert told["disbursed"] == whole["disbursed"]
    assert quick["allocated"] == plan["allocated"]
    progress, physical = sums[ReportKind.progress], sums[ReportKind.physical_report]
    assert progress["obligated"] == physical["obligated"]
    assert physical["cost"] == sums[ReportKind.physical_plan]["cost"] == plan["planned"]
    assert physical["disbursed"] == quick["work_item_spent"]


def by_class(told: Mapping[ReportKind, Figures], ledger: Ledger) -> None:
    """Compare each class in the two reports that are parted by class, and by month."""
    for kind in (ReportKind.saaodb, ReportKind.by_object):
        keys = [column.key for column in told[kind].columns]
        for part in told[kind].parts:
            of = dict(zip(keys, part, strict=True))
            paid = ledger.sum("disburse", expense_class=of["expense_class"])
            assert Decimal(of["disbursed"] or 0) == paid
    months = totals_of(told[ReportKind.payments_by_month])
    for each in ("ps", "mooe", "fe", "co"):
        assert months[each] == ledger.sum("disburse", expense_class=each)
