"""Every SELECT of the reports: sets over the ledger as of a day, as known at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.budgeting.report_figures.model import (
    Column,
    Definition,
    Figures,
    Grouping,
    Question,
    ReportKind,
    codes,
    dates,
    figures,
    rate,
    sums,
    texts,
)

# What is obligated or paid after the year counts in its last quarter.
QUARTER = """CASE WHEN extract(year FROM posted_on) > p.fiscal_year THEN 4
            ELSE extract(quarter FROM posted_on)::integer END"""

# The lines that count: of items of the year, dated up to the day, written up to the instant.
LEDGER = f"""
ledger AS (
    SELECT p.*, i.kind AS act, i.program_title, i.prexc_code, i.valid_until,
        {QUARTER} AS quarter
    FROM budgeting.postings AS p
    JOIN budgeting.appropriation_items AS i ON i.org_id = p.org_id AND i.id = p.item_id
    WHERE p.fiscal_year = :fiscal_year AND p.posted_on <= :as_of AND p.created_at <= :known_at
)"""


def sum_of(condition: str) -> str:
    """Return the sum of the lines `l` that a condition holds of, as SQL."""
    return f"coalesce(sum(l.amount) FILTER (WHERE {condition}), 0)"


OBLIGED = "l.kind IN ('obligated', 'obligation_adjusted')"
PAID = "l.kind IN ('disbursed', 'disbursement_voided')"
QUARTERS = ", ".join(
    f"{sum_of(f'{condition} AND l.quarter = {number}')} AS {name}{number}"
    for name, condition in (("obligated_q", OBLIGED), ("disbursed_q", PAID))
    for number in range(1, 5)
)
# What comes back because the other organization could not take it was not given after all.
GIVEN = "(l.amount < 0 OR l.reverses_id IS NOT NULL)"
CLASSES = "array_position(ARRAY['ps', 'mooe', 'fe', 'co'], expense_class)"

SAAODB = f"""
WITH {LEDGER}, days AS (
    SELECT l.item_id, l.funding_source, l.act, l.program_title, l.expense_class, l.kind,
        l.fiscal_year, l.posted_on, o.delivered_on <= :as_of AS is_due, {GIVEN} AS is_given,
        sum(l.amount) AS amount
    FROM ledger AS l
    LEFT JOIN budgeting.obligations AS o ON o.org_id = l.org_id AND o.id = l.obligation_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
), lines AS (
    SELECT p.*, {QUARTER} AS quarter FROM days AS p
), made AS (
    SELECT l.funding_source, l.act, l.program_title, l.expense_class,
        {sum_of("l.kind = 'appropriated'")} AS authorised,
        {sum_of("l.kind IN ('appropriation_adjusted', 'appropriation_lapsed')")} AS adjustments,
        {sum_of("l.kind = 'allotted'")} AS received,
        {sum_of("l.kind IN ('allotment_adjusted', 'allotment_lapsed')")} AS withdrawn,
        -{sum_of("l.kind = 'allotment_transferred' AND l.is_given")} AS transfers_to,
        {sum_of("l.kind = 'allotment_transferred' AND NOT l.is_given")} AS transfers_from,
        {QUARTERS},
        {sum_of(OBLIGED)} AS obligated, {sum_of(PAID)} AS disbursed,
        coalesce(sum(CASE WHEN {OBLIGED} THEN l.amount WHEN {PAID} THEN -l.amount END)
            FILTER (WHERE l.is_due), 0) AS due
    FROM lines AS l
    GROUP BY 1, 2, 3, 4
)
SELECT *, adjusted - allotments AS unreleased, allotments - obligated AS unobligated,
    obligated - disbursed - due AS not_yet_due
FROM (
    SELECT *, authorised + adjustments AS adjusted,
        received + withdrawn - transfers_to + transfers_from AS allotments
    FROM made
) AS made
ORDER BY funding_source, array_position(
    ARRAY['general', 'supplemental', 'continuing', 'automatic'], act), program_title, {CLASSES}
"""
SAAODB_COLUMNS = (
    *codes(funding_source="Fund source", act="Authorisation"),
    *texts(program_title="Program"),
    *codes(expense_class="Class"),
    *sums(
        "Appropriations",
        authorised="3 Authorised",
        adjustments="4 Adjustments",
        adjusted="5 Adjusted",
    ),
    *sums(
        "Allotments",
        received="6 Received",
        withdrawn="7 Adjustments, withdrawals",
        transfers_to="8 Transfers to",
        transfers_from="9 Transfers from",
        allotments="10 Adjusted total",
    ),
    *sums(
        "Obligations",
        obligated_q1="11 Quarter 1",
        obligated_q2="12 Quarter 2",
        obligated_q3="13 Quarter 3",
        obligated_q4="14 Quarter 4",
        obligated="15 Total",
    ),
    *sums(
        "Disbursements",
        disbursed_q1="16 Quarter 1",
        disbursed_q2="17 Quarter 2",
        disbursed_q3="18 Quarter 3",
        disbursed_q4="19 Quarter 4",
        disbursed="20 Total",
    ),
    *sums(
        "Balances",
        unreleased="21 Unreleased",
        unobligated="22 Unobligated",
        due="23 Unpaid, due",
        not_yet_due="24 Unpaid, not yet due",
    ),
)

RAOD = f"""
WITH {LEDGER}
SELECT to_char(l.posted_on, 'YYYY-MM-DD') AS posted_on, l.reference, l.program_title,
    l.expense_class, replace(l.kind, '_', ' ') AS entry,
    CASE WHEN l.kind LIKE 'allot%' THEN l.amount ELSE 0 END AS allotments,
    CASE WHEN {OBLIGED} THEN l.amount ELSE 0 END AS obligations,
    CASE WHEN {PAID} THEN l.amount ELSE 0 END AS disbursements,
    sum(CASE WHEN l.kind LIKE 'allot%' THEN l.amount WHEN {OBLIGED} THEN -l.amount ELSE 0 END)
        OVER running AS unobligated,
    sum(CASE WHEN {OBLIGED} THEN l.amount WHEN {PAID} THEN -l.amount ELSE 0 END)
        OVER running AS unpaid
FROM ledger AS l WHERE l.kind LIKE 'allot%' OR {OBLIGED} OR {PAID}
WINDOW running AS (PARTITION BY l.expense_class ORDER BY l.posted_on, l.created_at, l.id)
ORDER BY {CLASSES}, l.posted_on, l.created_at, l.id
"""
RAOD_COLUMNS = (
    *codes(expense_class="Class"),
    *dates(posted_on="Date"),
    *texts(reference="Reference", program_title="Program", entry="Entry"),
    *sums(allotments="Allotments", obligations="Obligations", disbursements="Disbursements"),
    Column("unobligated", "Unobligated so far", is_summed=False),
    Column("unpaid", "Unpaid so far", is_summed=False),
)

GROUPS = {
    Grouping.program: "l.program_title",
    Grouping.expense_class: "l.expense_class",
    Grouping.quarter: "'Q' || l.quarter",
    Grouping.funding_source: "l.funding_source",
    Grouping.office: "coalesce(nullif(a.office, ''), 'no office named')",
}
STATUS = f"""
WITH {LEDGER}, made AS (
    SELECT {{group}} AS name, {sum_of("l.kind LIKE 'appropria%'")} AS appropriated,
        {sum_of("l.kind LIKE 'alloca%'")} AS allocated,
        {sum_of("l.kind LIKE 'allot%'")} AS allotted,
        {sum_of(OBLIGED)} AS obligated, {sum_of(PAID)} AS disbursed
    FROM ledger AS l
    LEFT JOIN budgeting.allocations AS a ON a.org_id = l.org_id AND a.id = l.allocation_id
    GROUP BY 1
)
SELECT *, appropriated - allotted AS unreleased, allotted - obligated AS unobligated,
    obligated - disbursed AS unpaid
FROM made ORDER BY name
"""
STATUS_COLUMNS = (
    *codes(name="Group"),
    *sums(
        appropriated="Adjusted appropriation",
        allocated="Allocated",
        allotted="Allotted",
        obligated="Obligated",
        disbursed="Disbursed",
        unreleased="Unreleased",
        unobligated="Unobligated",
        unpaid="Unpaid",
    ),
    rate("release_rate", "Allotments / appropriation %", "allotted", "appropriated"),
    rate("obligation_rate", "Obligations / allotments %", "obligated", "allotted"),
    rate("disbursement_rate", "Disbursements / obligations %", "disbursed", "obligated"),
    rate("utilisation", "Disbursements / appropriation %", "disbursed", "appropriated"),
)

AGES = (("days_30", 0, 30), ("days_60", 31, 60), ("days_90", 61, 90), ("older", 91, 100_000))
AGED = ", ".join(
    f"CASE WHEN :as_of - delivered_on BETWEEN {low} AND {high} THEN unpaid ELSE 0 END AS {name}"
    for name, low, high in AGES
)
PAYABLES = f"""
WITH {LEDGER}, owed AS (
    SELECT o.ors_number, to_char(o.obligation_on, 'YYYY-MM-DD') AS obligated_on, o.expense_class,
        l.program_title, o.delivered_on,
        sum(CASE WHEN {OBLIGED} THEN l.amount ELSE -l.amount END) AS unpaid
    FROM ledger AS l JOIN budgeting.obligations AS o
        ON o.org_id = l.org_id AND o.id = l.obligation_id
    WHERE {OBLIGED} OR {PAID} GROUP BY o.org_id, o.id, l.program_title
)
SELECT *, to_char(delivered_on, 'YYYY-MM-DD') AS due_since, {AGED},
    CASE WHEN delivered_on <= :as_of THEN 0 ELSE unpaid END AS not_yet_due
FROM owed WHERE unpaid <> 0 ORDER BY delivered_on NULLS LAST, ors_number
"""
PAYABLES_COLUMNS = (
    *texts(ors_number="ORS number"),
    *dates(obligated_on="Obligated on"),
    *texts(program_title="Program"),
    *codes(expense_class="Class"),
    *dates(due_since="Due since"),
    *sums(unpaid="Unpaid", not_yet_due="Not yet due"),
    *sums(
        "Due and demandable, days",
        days_30="0 to 30",
        days_60="31 to 60",
        days_90="61 to 90",
        older="More than 90",
    ),
)

LAPSING = f"""
WITH {LEDGER}, made AS (
    SELECT l.program_title, l.expense_class, l.act, l.valid_until,
        {sum_of("l.kind LIKE 'appropria%'")} AS appropriated, {sum_of(OBLIGED)} AS obligated
    FROM ledger AS l GROUP BY 1, 2, 3, 4
)
SELECT program_title, expense_class, act, to_char(valid_until, 'YYYY-MM-DD') AS valid_until,
    (valid_until - :as_of)::text AS days_left, appropriated, obligated,
    appropriated - obligated AS unobligated,
    CASE WHEN valid_until > :as_of
        THEN (appropriated - obligated) / (valid_until - :as_of) END AS needed_per_day
FROM made WHERE appropriated > obligated ORDER BY made.valid_until, unobligated DESC
"""
LAPSING_COLUMNS = (
    *texts(program_title="Program"),
    *codes(expense_class="Class", act="Authorisation"),
    *dates(valid_until="Valid until"),
    Column("days_left", "Days left", "number", is_summed=False),
    *sums(appropriated="Appropriation", obligated="Obligated", unobligated="Unobligated"),
    Column("needed_per_day", "Needed a day", is_summed=False),
)

DEFINITIONS: dict[ReportKind, Definition] = {
    ReportKind.saaodb: Definition(
        "Statement of Appropriations, Allotments, Obligations, Disbursements and Balances"
        " (FAR No. 1)",
        SAAODB,
        SAAODB_COLUMNS,
        parted_by="expense_class",
    ),
    ReportKind.raod: Definition(
        "Registry of Allotments, Obligations and Disbursements",
        RAOD,
        RAOD_COLUMNS,
        parted_by="expense_class",
    ),
    ReportKind.status: Definition(
        "Status of Allotments, Obligations and Disbursements", STATUS, STATUS_COLUMNS
    ),
    ReportKind.payables: Definition(
        "Aging of Unpaid Obligations (FAR No. 3)",
        PAYABLES,
        PAYABLES_COLUMNS,
        parted_by="expense_class",
    ),
    ReportKind.lapsing: Definition("Funds about to Lapse", LAPSING, LAPSING_COLUMNS),
}


async def get_figures(
    session: AsyncSession,
    question: Question,
    definitions: Mapping[ReportKind, Definition] = DEFINITIONS,
) -> Figures:
    """Return the table that answers the question, from the ledger, in one statement."""
    definition = definitions[question.kind]
    statement = definition.statement
    asked = text(statement.replace("{group}", GROUPS[question.group_by]))
    names = ("fiscal_year", "as_of", "known_at", "organization")
    bound = {name: getattr(question, name) for name in names if f":{name}" in statement}
    found: Sequence[Any] = (await session.execute(asked, bound)).all()
    return figures(definition, found)
