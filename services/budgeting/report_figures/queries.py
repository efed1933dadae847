"""Every SELECT of the reports: sets over the ledger as of a day, as known at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.budgeting.report_figures.model import (
    Column,
    Figures,
    Grouping,
    Question,
    ReportKind,
    figures,
    rates,
    sums,
    texts,
)

# The lines that count: of items of the year, dated up to the day, written up to the instant.
LEDGER = """
ledger AS (
    SELECT p.*, i.kind AS act, i.program_title, i.prexc_code, i.valid_until,
        CASE WHEN extract(year FROM p.posted_on) > p.fiscal_year THEN 4
            ELSE extract(quarter FROM p.posted_on)::integer END AS quarter
    FROM budgeting.postings AS p
    JOIN budgeting.appropriation_items AS i ON i.org_id = p.org_id AND i.id = p.item_id
    WHERE p.fiscal_year = :fiscal_year AND p.posted_on <= :as_of AND p.created_at <= :known_at
)"""


def _sum(condition: str) -> str:
    return f"coalesce(sum(l.amount) FILTER (WHERE {condition}), 0)"


OBLIGED = "l.kind IN ('obligated', 'obligation_adjusted')"
PAID = "l.kind IN ('disbursed', 'disbursement_voided')"
QUARTERS = ", ".join(
    f"{_sum(f'{condition} AND l.quarter = {number}')} AS {name}{number}"
    for name, condition in (("obligated_q", OBLIGED), ("disbursed_q", PAID))
    for number in range(1, 5)
)
CLASSES = "array_position(ARRAY['ps', 'mooe', 'fe', 'co'], expense_class)"

SAAODB = f"""
WITH {LEDGER}, made AS (
    SELECT l.funding_source, l.act, l.program_title, l.expense_class,
        {_sum("l.kind = 'appropriated'")} AS authorised,
        {_sum("l.kind IN ('appropriation_adjusted', 'appropriation_lapsed')")} AS adjustments,
        {_sum("l.kind = 'allotted'")} AS received,
        {_sum("l.kind IN ('allotment_adjusted', 'allotment_lapsed')")} AS withdrawn,
        {QUARTERS},
        {_sum(OBLIGED)} AS obligated, {_sum(PAID)} AS disbursed,
        coalesce(sum(CASE WHEN {OBLIGED} THEN l.amount WHEN {PAID} THEN -l.amount END)
            FILTER (WHERE o.delivered_on <= :as_of), 0) AS due
    FROM ledger AS l
    LEFT JOIN budgeting.obligations AS o ON o.org_id = l.org_id AND o.id = l.obligation_id
    GROUP BY 1, 2, 3, 4
)
SELECT *, authorised + adjustments AS adjusted, 0 AS transfers_to, 0 AS transfers_from,
    received + withdrawn AS allotments,
    authorised + adjustments - received - withdrawn AS unreleased,
    received + withdrawn - obligated AS unobligated, obligated - disbursed - due AS not_yet_due
FROM made
ORDER BY funding_source, array_position(
    ARRAY['general', 'supplemental', 'continuing', 'automatic'], act), program_title, {CLASSES}
"""
SAAODB_COLUMNS = (
    *texts(
        funding_source="Fund source",
        act="Authorisation",
        program_title="Program",
        expense_class="Class",
    ),
    *sums(
        authorised="3 Authorised appropriation",
        adjustments="4 Adjustments",
        adjusted="5 Adjusted appropriation",
        received="6 Allotments received",
        withdrawn="7 Adjustments, withdrawals",
        transfers_to="8 Transfers to",
        transfers_from="9 Transfers from",
        allotments="10 Adjusted allotments",
        obligated_q1="11 Obligations Q1",
        obligated_q2="12 Obligations Q2",
        obligated_q3="13 Obligations Q3",
        obligated_q4="14 Obligations Q4",
        obligated="15 Obligations",
        disbursed_q1="16 Disbursements Q1",
        disbursed_q2="17 Disbursements Q2",
        disbursed_q3="18 Disbursements Q3",
        disbursed_q4="19 Disbursements Q4",
        disbursed="20 Disbursements",
        unreleased="21 Unreleased appropriation",
        unobligated="22 Unobligated allotment",
        due="23 Unpaid, due and demandable",
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
    *texts(
        posted_on="Date",
        reference="Reference",
        program_title="Program",
        expense_class="Class",
        entry="Entry",
    ),
    *sums(allotments="Allotments", obligations="Obligations", disbursements="Disbursements"),
    Column("unobligated", "Unobligated so far", is_summed=False),
    Column("unpaid", "Unpaid so far", is_summed=False),
)

GROUPS = {
    Grouping.program: "l.program_title",
    Grouping.expense_class: "l.expense_class",
    Grouping.quarter: "'Q' || l.quarter",
    Grouping.funding_source: "l.funding_source",
}
STATUS = f"""
WITH {LEDGER}, made AS (
    SELECT {{group}} AS name, {_sum("l.kind LIKE 'appropria%'")} AS appropriated,
        {_sum("l.kind LIKE 'alloca%'")} AS allocated, {_sum("l.kind LIKE 'allot%'")} AS allotted,
        {_sum(OBLIGED)} AS obligated, {_sum(PAID)} AS disbursed
    FROM ledger AS l GROUP BY 1
)
SELECT *, appropriated - allotted AS unreleased, allotted - obligated AS unobligated,
    obligated - disbursed AS unpaid,
    100 * allotted / nullif(appropriated, 0) AS release_rate,
    100 * obligated / nullif(allotted, 0) AS obligation_rate,
    100 * disbursed / nullif(obligated, 0) AS disbursement_rate,
    100 * disbursed / nullif(appropriated, 0) AS utilisation
FROM made ORDER BY name
"""
STATUS_COLUMNS = (
    *texts(name="Group"),
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
    *rates(
        release_rate="Allotments / appropriation %",
        obligation_rate="Obligations / allotments %",
        disbursement_rate="Disbursements / obligations %",
        utilisation="Disbursements / appropriation %",
    ),
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
    *texts(
        ors_number="ORS number",
        obligated_on="Obligated on",
        program_title="Program",
        expense_class="Class",
        due_since="Due since",
    ),
    *sums(
        unpaid="Unpaid",
        not_yet_due="Not yet due",
        days_30="Due 0 to 30 days",
        days_60="Due 31 to 60 days",
        days_90="Due 61 to 90 days",
        older="Due more than 90 days",
    ),
)

LAPSING = f"""
WITH {LEDGER}, made AS (
    SELECT l.program_title, l.expense_class, l.act, l.valid_until,
        {_sum("l.kind LIKE 'appropria%'")} AS appropriated, {_sum(OBLIGED)} AS obligated
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
    *texts(
        program_title="Program",
        expense_class="Class",
        act="Authorisation",
        valid_until="Valid until",
        days_left="Days left",
    ),
    *sums(appropriated="Appropriation", obligated="Obligated", unobligated="Unobligated"),
    Column("needed_per_day", "Needed a day", is_summed=False),
)

PROGRESS = f"""
WITH {LEDGER}, spent AS (
    SELECT o.work_item_id, {_sum(OBLIGED)} AS obligated, {_sum(PAID)} AS disbursed
    FROM ledger AS l JOIN budgeting.obligations AS o
        ON o.org_id = l.org_id AND o.id = l.obligation_id GROUP BY 1
), made AS (
    SELECT w.code, w.title, w.status, to_char(w.target_completion_on, 'YYYY-MM-DD') AS target,
        w.estimated_cost_amount AS cost, coalesce(s.obligated, 0) AS obligated,
        coalesce(s.disbursed, 0) AS disbursed,
        100 * w.accomplished_quantity / w.quantity AS physical,
        100 * coalesce(s.disbursed, 0) / w.estimated_cost_amount AS financial
    FROM budgeting.work_items AS w LEFT JOIN spent AS s ON s.work_item_id = w.id
    WHERE w.fiscal_year = :fiscal_year AND w.status <> 'cancelled'
)
SELECT *, physical - financial AS gap,
    CASE WHEN abs(physical - financial) > 20 THEN 'more than 20 points' ELSE '' END AS flag
FROM made ORDER BY code
"""
PROGRESS_COLUMNS = (
    *texts(code="Code", title="Work item", status="Status", target="Target"),
    *sums(cost="Estimated cost", obligated="Obligated", disbursed="Disbursed"),
    *rates(physical="Accomplished / quantity %", financial="Disbursed / cost %", gap="Gap, points"),
    *texts(flag="Flag"),
)

BOOK = """
SELECT p.title AS proposal, p.status, g.title AS program, l.expense_class, l.object_code,
    l.description, l.requested_amount AS requested, coalesce(l.approved_amount, 0) AS approved
FROM budgeting.proposals AS p
JOIN budgeting.programs AS g ON g.org_id = p.org_id AND g.proposal_id = p.id
JOIN budgeting.line_items AS l ON l.org_id = g.org_id AND l.program_id = g.id
WHERE p.fiscal_year = :fiscal_year AND p.status NOT IN ('draft', 'rejected')
ORDER BY p.title, p.id, g.priority_rank, l.display_order
"""
BOOK_COLUMNS = (
    *texts(
        proposal="Proposal",
        status="Status",
        program="Program",
        expense_class="Class",
        object_code="Object",
        description="Description",
    ),
    *sums(requested="Requested", approved="Approved"),
)

REPORTS: dict[ReportKind, tuple[str, tuple[Column, ...]]] = {
    ReportKind.saaodb: (SAAODB, SAAODB_COLUMNS),
    ReportKind.raod: (RAOD, RAOD_COLUMNS),
    ReportKind.status: (STATUS, STATUS_COLUMNS),
    ReportKind.payables: (PAYABLES, PAYABLES_COLUMNS),
    ReportKind.lapsing: (LAPSING, LAPSING_COLUMNS),
    ReportKind.progress: (PROGRESS, PROGRESS_COLUMNS),
    ReportKind.proposal_book: (BOOK, BOOK_COLUMNS),
}


async def get_figures(session: AsyncSession, question: Question) -> Figures:
    """Return the table that answers the question, from the ledger, in one statement."""
    statement, columns = REPORTS[question.kind]
    asked = text(statement.format(group=GROUPS[question.group_by]))
    names = ("fiscal_year", "as_of", "known_at")
    bound = {name: getattr(question, name) for name in names if f":{name}" in statement}
    found: Sequence[Any] = (await session.execute(asked, bound)).all()
    return figures(question.kind, columns, found)
