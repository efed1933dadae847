"""Every SELECT of alerts: what is open, and what the tables say today (budgeting sheet, 10)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.alerts import model
from services.budgeting.alerts.model import Alert, AlertType, Finding, Severity
from services.budgeting.alerts.schemas import AlertFilter
from services.budgeting.ceilings.model import Ceiling
from services.budgeting.ceilings.queries import fill_in_use
from services.budgeting.known_organizations.model import RETIRED, KnownOrganization


async def list_alerts(session: AsyncSession, params: AlertFilter) -> Rows[Alert]:
    is_open = Alert.cleared_at.is_(None)
    statement: Select[Alert] = select(Alert).where(is_open if params.is_open else ~is_open)
    if params.alert_type is not None:
        statement = statement.where(Alert.alert_type == params.alert_type)
    if params.severity is not None:
        statement = statement.where(Alert.severity == params.severity)
    return await page(session, statement, Alert, params)


async def hold_open_alerts(session: AsyncSession, org_id: UUID) -> list[Alert]:
    """Return the open alerts; another check of the organization waits until the commit."""
    key = func.hashtextextended(f"alerts {org_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))
    found: Select[Alert] = select(Alert).where(Alert.cleared_at.is_(None), Alert.org_id == org_id)
    return list(await session.scalars(found))


async def list_live_organizations(session: AsyncSession) -> list[UUID]:
    statement = select(KnownOrganization.org_id).where(KnownOrganization.status != RETIRED)
    return list(await session.scalars(statement.order_by(KnownOrganization.org_id)))


async def list_findings(session: AsyncSession, org_id: UUID, today: date) -> list[Finding]:
    """Return all that should be looked at in one organization; a fixed number of statements."""
    rows = await session.execute(FINDINGS, {"org_id": org_id, "today": today})
    return [*await _ceilings(session, today), *(_finding(*row) for row in rows)]


def _finding(kind: str, level: int, *about: Any) -> Finding:
    return Finding(AlertType(kind), tuple(Severity)[level], *about)


async def _ceilings(session: AsyncSession, today: date) -> list[Finding]:
    statement: Select[Ceiling] = select(Ceiling).where(Ceiling.fiscal_year >= today.year)
    ceilings = (await session.scalars(statement)).all()
    await fill_in_use(session, ceilings)
    return [
        Finding(
            AlertType.ceiling,
            Severity.warning if each.level == "near" else Severity.critical,
            "ceiling",
            each.id,
            f"{each.words()}, {each.fiscal_year}",
            f"{each.used_amount} of {each.amount} is used.",
        )
        for each in ceilings
        if each.level not in (None, "ok")
    ]


def _level(*conditions: str) -> str:
    """Return how much it matters as SQL: by the last of the conditions that holds."""
    worse = "".join(f" WHEN {each} THEN {at}" for at, each in reversed([*enumerate(conditions, 1)]))
    return f"CASE{worse} ELSE 0 END"


# Who looks, on which day; the quarter that runs, and the last day of the one before.
TOLD = """
WITH asked AS (SELECT CAST(:org_id AS uuid) AS org_id, CAST(:today AS date) AS today),
told AS (
    SELECT *, extract(year FROM today)::integer AS year,
        extract(quarter FROM today)::integer AS quarter,
        date_trunc('quarter', today::timestamp)::date AS began
    FROM asked
)"""

DISBURSEMENT = "'DV ' || r.fiscal_year || '-' || lpad(r.dv_number::text, 5, '0')"
PROGRAM = """(SELECT a.program_title FROM budgeting.allocations AS a
        WHERE a.org_id = r.org_id AND a.id = r.allocation_id)"""

ASKED = "(r.status = 'pending' OR r.status = 'approved' AND r.release_org_id IS NOT NULL)"
SINCE = {"proposal": "coalesce(r.reviewed_at, r.submitted_at)"}

# What waits for somebody: what it is, its title, and in which states it waits.
WAITS = (
    ("review", "r.title", "r.status IN ('open', 'recommended')"),
    ("allocation", "r.program_title", "r.status = 'draft'"),
    ("realignment", "r.reason", "r.status = 'submitted'"),
    ("realignment_decision", "r.verdict", "r.status = 'draft'"),
    ("saving", "r.reason", "r.status = 'proposed'"),
    (
        "allotment",
        PROGRAM,
        "(r.status = 'pending' OR r.status = 'approved' AND r.release_org_id IS NOT NULL)",
    ),
    ("release", "r.reference", "r.status = 'draft'"),
    ("cash_allocation", "r.number", "r.status = 'pending'"),
    ("obligation", "r.document_number", "r.status = 'certified'"),
    ("disbursement", DISBURSEMENT, "r.status IN ('for_certification', 'approved')"),
    ("allotment_transfer", "r.reason", "r.status IN ('draft', 'approved', 'given')"),
    ("scenario", "r.title", "r.status = 'under_review'"),
    ("year_end", "r.kind || ' ' || r.fiscal_year", "r.status = 'submitted'"),
    ("proposal", "r.title", "r.status IN ('submitted', 'under_review')"),
)
WAITING = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, r.org_id, r.id, {title} AS title, r.status,"
    f" timezone('Asia/Manila', {SINCE.get(kind, 'r.updated_at')})::date AS since"
    f" FROM budgeting.{kind}s AS r WHERE {states}"
    for kind, title, states in WAITS
)
STUCK = f"""
SELECT 'approval_stuck' AS alert_type,
    {_level(*(f"t.today - w.since >= {days}" for days in model.DAYS_STUCK[1:]))} AS level,
    w.kind AS subject_type, w.id AS subject_id, w.title,
    'It is ' || replace(w.status, '_', ' ') || ' since ' || w.since || '.' AS detail
FROM told AS t JOIN ({WAITING}) AS w USING (org_id)
WHERE t.today - w.since >= {model.DAYS_STUCK[0]}"""

USED = "100 * (m.obligated_amount + m.reserved_amount)"
ALLOTMENT_USE = f"""
SELECT 'allotment_use', {_level(f"{USED} >= {model.PERCENT_USED[1]} * m.allotted_amount")},
    'allotment', m.id, concat_ws(', ', a.program_title, upper(m.expense_class), 'Q' || m.quarter),
    m.obligated_amount + m.reserved_amount || ' of ' || m.allotted_amount
        || ' is obligated or certified.'
FROM told AS t JOIN budgeting.allotments AS m USING (org_id)
JOIN budgeting.allocations AS a ON a.org_id = m.org_id AND a.id = m.allocation_id
JOIN budgeting.appropriation_items AS i
    ON i.org_id = a.org_id AND i.id = a.appropriation_item_id AND i.valid_until >= t.today
WHERE m.status = 'released' AND m.allotted_amount > 0
    AND {USED} >= {model.PERCENT_USED[0]} * m.allotted_amount"""

# Against what was to be reached by the end of the last quarter, in its year.
SLOW = " UNION ALL ".join(
    f"""
SELECT 'slow_{noun}', {_level(f"b.{done}_percent - s.share > {model.POINTS_BEHIND[1]}")},
    'allocation', a.id, a.program_title || ', ' || upper(a.expense_class),
    round(s.share, 2) || '% of the allocation is {done}; by the end of quarter ' || b.quarter
        || ' it was to be ' || b.{done}_percent || '%'
        || CASE WHEN b.is_sample THEN ' (sample)' ELSE '' END || '.'
FROM told AS t JOIN budgeting.allocations AS a ON a.org_id = t.org_id
    AND a.fiscal_year = extract(year FROM t.began - 1)
    AND a.status = 'approved' AND a.allocated_amount > 0
CROSS JOIN LATERAL (SELECT 100 * a.{done}_amount / a.allocated_amount AS share) AS s
JOIN budgeting.benchmarks AS b ON b.quarter = extract(quarter FROM t.began - 1)
    AND a.fiscal_year BETWEEN b.valid_from AND coalesce(b.valid_to, a.fiscal_year)
WHERE b.{done}_percent - s.share > {model.POINTS_BEHIND[0]}"""
    for noun, done in (("obligation", "obligated"), ("disbursement", "disbursed"))
)

# Before a work item is completed only more than was planned says something.
VARIANCE = f"""
SELECT 'variance', {_level(f"abs(v.share) > {model.PERCENT_OFF[1]}")}, 'work_item', w.id, w.title,
    o.amount || ' is obligated and ' || w.estimated_cost_amount || ' was planned: '
        || round(v.share, 2) || '%.'
FROM told AS t JOIN budgeting.work_items AS w ON w.org_id = t.org_id
    AND w.status <> 'cancelled' AND w.fiscal_year >= t.year - 1
CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.obligated_amount), 0) AS amount FROM budgeting.obligations AS o
    WHERE o.org_id = w.org_id AND o.work_item_id = w.id
) AS o
CROSS JOIN LATERAL (
    SELECT 100 * (o.amount - w.estimated_cost_amount) / w.estimated_cost_amount AS share
) AS v
WHERE abs(v.share) > {model.PERCENT_OFF[0]} AND (v.share > 0 OR w.status = 'completed')"""

UNRELEASED = f"""
SELECT 'release_overdue', 0, 'allocation', a.id, a.program_title || ', ' || upper(a.expense_class),
    'Quarter ' || t.quarter || ' began on ' || t.began || ' and nothing was released for it.'
FROM told AS t JOIN budgeting.allocations AS a ON a.org_id = t.org_id
    AND a.fiscal_year = t.year AND a.status = 'approved' AND a.allotted_amount < a.allocated_amount
WHERE t.today - t.began >= {model.DAYS_UNRELEASED} AND NOT EXISTS (
    SELECT FROM budgeting.allotments AS m
    WHERE m.org_id = a.org_id AND m.allocation_id = a.id AND m.status = 'released'
        AND m.released_on <= t.today AND coalesce(m.quarter, t.quarter) = t.quarter)"""

# Of each of the last four quarters by whose end the ledger had something of its year. A report
# that is missing has no row, so it is known by its kind and quarter.
REPORT_DUE = f"""
SELECT 'report_due', {_level("t.today > q.ended_on + d.days")}, 'report',
    md5(concat_ws(' ', t.org_id, d.kind, q.ended_on))::uuid,
    d.kind || ', quarter ' || extract(quarter FROM q.ended_on) || ' of ' || q.year,
    'The report as of ' || q.ended_on || ' is to be handed in by ' || q.ended_on + d.days
        || CASE WHEN d.is_sample THEN ' (sample)' ELSE '' END || '.'
FROM told AS t CROSS JOIN LATERAL (
    SELECT ended_on, extract(year FROM ended_on)::integer AS year FROM (
        SELECT (t.began - make_interval(months => 3 * back))::date - 1 AS ended_on
        FROM generate_series(0, 3) AS back) AS quarters
) AS q
JOIN budgeting.report_deadlines AS d
    ON q.year BETWEEN d.valid_from AND coalesce(d.valid_to, q.year)
WHERE t.today >= q.ended_on + d.days - {model.DAYS_TO_REPORT} AND EXISTS (
    SELECT FROM budgeting.postings AS p
    WHERE p.org_id = t.org_id AND p.fiscal_year = q.year AND p.posted_on <= q.ended_on
) AND NOT EXISTS (
    SELECT FROM budgeting.reports AS r JOIN budgeting.report_signatures AS s
        ON s.org_id = r.org_id AND s.report_id = r.id AND s.capacity = 'submitter'
    WHERE r.org_id = t.org_id AND r.kind = d.kind AND r.fiscal_year = q.year
        AND r.as_of = q.ended_on)"""

UNPAID = f"""
SELECT 'unpaid_due', {_level(f"t.today - o.delivered_on >= {model.DAYS_UNPAID[1]}")},
    'obligation', o.id, coalesce(o.ors_number, ''),
    o.obligated_amount - o.disbursed_amount || ' is due and unpaid since ' || o.delivered_on || '.'
FROM told AS t JOIN budgeting.obligations AS o USING (org_id)
WHERE t.today - o.delivered_on >= {model.DAYS_UNPAID[0]}
    AND o.obligated_amount > o.disbursed_amount"""

SOON = (f"i.valid_until - t.today <= {days}" for days in model.DAYS_LAPSING[1:])
LAPSING = f"""
SELECT 'lapsing', {_level(*SOON)},
    'appropriation_item', i.id, i.program_title || ', ' || upper(i.expense_class),
    i.appropriated_amount - o.amount || ' is not obligated, and it is valid until '
        || i.valid_until || '.'
FROM told AS t JOIN budgeting.appropriation_items AS i ON i.org_id = t.org_id
    AND i.status = 'current' AND i.valid_until - t.today <= {model.DAYS_LAPSING[0]}
CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.obligated_amount), 0) AS amount FROM budgeting.allocations AS a
    WHERE a.org_id = i.org_id AND a.appropriation_item_id = i.id
) AS o
WHERE i.appropriated_amount > o.amount"""

LATE = """
SELECT 'work_item_late', 0, 'work_item', w.id, w.title,
    'It was to be completed on ' || w.target_completion_on || '.'
FROM told AS t JOIN budgeting.work_items AS w USING (org_id)
WHERE w.status IN ('planned', 'in_progress') AND w.target_completion_on < t.today"""

EACH = (STUCK, ALLOTMENT_USE, SLOW, VARIANCE, UNRELEASED, REPORT_DUE, UNPAID, LAPSING, LATE)
FINDINGS = text(f"{TOLD} {' UNION ALL '.join(EACH)}")
"""All of one organization in one statement, however much there is; ceilings are asked apart."""
