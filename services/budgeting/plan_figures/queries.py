"""Plans and what came of them (sheet, section 12): every SELECT, beside the one ledger."""

from __future__ import annotations

from services.budgeting.report_figures.model import (
    Column,
    Definition,
    ReportKind,
    codes,
    dates,
    numbers,
    rate,
    sums,
    texts,
)
from services.budgeting.report_figures.queries import CLASSES, LEDGER, OBLIGED, PAID, sum_of

PLAN_NOTE = "What was planned is as it stood when the report was made."

# The work items that were planned by then, and how far each had come by the day.
PLANNED = """
planned AS (
    SELECT w.id, w.code, w.title, w.output, w.unit, w.target_completion_on,
        w.quantity, w.q1_quantity, w.q2_quantity, w.q3_quantity, w.q4_quantity,
        w.estimated_cost_amount, w.q1_amount, w.q2_amount, w.q3_amount, w.q4_amount,
        coalesce(h.status, 'planned') AS status,
        coalesce(h.accomplished_quantity, 0) AS accomplished_quantity,
        i.id AS item_id, i.program_title, i.expense_class
    FROM budgeting.work_items AS w
    JOIN budgeting.allocations AS a ON a.org_id = w.org_id AND a.id = w.allocation_id
    JOIN budgeting.appropriation_items AS i
        ON i.org_id = a.org_id AND i.id = a.appropriation_item_id
    LEFT JOIN LATERAL (
        SELECT t.status, t.accomplished_quantity FROM budgeting.accomplishments AS t
        WHERE t.org_id = w.org_id AND t.work_item_id = w.id
            AND t.accomplished_on <= :as_of AND t.created_at <= :known_at
        ORDER BY t.accomplished_on DESC, t.created_at DESC, t.id DESC LIMIT 1
    ) AS h ON true
    WHERE w.fiscal_year = :fiscal_year AND w.created_at <= :known_at
        AND coalesce(h.status, 'planned') <> 'cancelled'
)"""
SPENT = f"""
spent AS (
    SELECT o.work_item_id, {sum_of(OBLIGED)} AS obligated, {sum_of(PAID)} AS disbursed
    FROM ledger AS l JOIN budgeting.obligations AS o
        ON o.org_id = l.org_id AND o.id = l.obligation_id GROUP BY 1
)"""

PROGRESS = f"""
WITH {LEDGER}, {PLANNED}, {SPENT}, made AS (
    SELECT w.code, w.title, w.status, to_char(w.target_completion_on, 'YYYY-MM-DD') AS target,
        w.estimated_cost_amount AS cost, coalesce(s.obligated, 0) AS obligated,
        coalesce(s.disbursed, 0) AS disbursed,
        100 * w.accomplished_quantity / w.quantity AS physical,
        100 * coalesce(s.disbursed, 0) / w.estimated_cost_amount AS spent_share
    FROM planned AS w LEFT JOIN spent AS s ON s.work_item_id = w.id
)
SELECT *, physical - spent_share AS gap,
    CASE WHEN abs(physical - spent_share) > 20 THEN 'more than 20 points' ELSE '' END AS flag
FROM made ORDER BY code
"""
PROGRESS_COLUMNS = (
    *texts(code="Code", title="Work item"),
    *codes(status="Status"),
    *dates(target="Target"),
    *sums(cost="Estimated cost", obligated="Obligated", disbursed="Disbursed"),
    Column("physical", "Accomplished / quantity %", "percent", is_summed=False),
    rate("financial", "Disbursed / cost %", "disbursed", "cost"),
    Column("gap", "Gap, points", "percent", is_summed=False),
    *texts(flag="Flag"),
)

BOOK = f"""
SELECT p.title AS proposal, p.status, g.title AS program, l.expense_class, l.object_code,
    l.description, l.requested_amount AS requested, coalesce(l.approved_amount, 0) AS approved
FROM budgeting.proposals AS p
JOIN budgeting.programs AS g ON g.org_id = p.org_id AND g.proposal_id = p.id
JOIN budgeting.line_items AS l ON l.org_id = g.org_id AND l.program_id = g.id
WHERE p.fiscal_year = :fiscal_year AND p.status NOT IN ('draft', 'rejected')
ORDER BY p.title, p.id, g.priority_rank, {CLASSES}, l.display_order
"""
BOOK_COLUMNS = (
    *texts(proposal="Proposal"),
    *codes(status="Status"),
    *texts(program="Program"),
    *codes(expense_class="Class"),
    *texts(object_code="Object", description="Description"),
    *sums(requested="Requested", approved="Approved"),
)

PHYSICAL_REPORT = f"""
WITH {LEDGER}, {PLANNED}, {SPENT}, told AS (
    SELECT CASE WHEN extract(year FROM CAST(:as_of AS date)) > :fiscal_year THEN 4
        ELSE extract(quarter FROM CAST(:as_of AS date)) END AS quarter
)
SELECT w.code, w.title, w.output, w.unit, w.status,
    to_char(w.target_completion_on, 'YYYY-MM-DD') AS target_on,
    w.q1_quantity + CASE WHEN quarter > 1 THEN w.q2_quantity ELSE 0 END
        + CASE WHEN quarter > 2 THEN w.q3_quantity ELSE 0 END
        + CASE WHEN quarter > 3 THEN w.q4_quantity ELSE 0 END AS target_to_date,
    w.quantity AS target, w.accomplished_quantity AS accomplished,
    w.estimated_cost_amount AS cost, coalesce(s.obligated, 0) AS obligated,
    coalesce(s.disbursed, 0) AS disbursed,
    CASE WHEN w.status <> 'completed' AND w.target_completion_on < :as_of
        THEN 'late' ELSE '' END AS remark
FROM planned AS w CROSS JOIN told LEFT JOIN spent AS s ON s.work_item_id = w.id ORDER BY w.code
"""
PHYSICAL_REPORT_COLUMNS = (
    *texts(code="Code", title="Work item", output="Output", unit="Unit"),
    *codes(status="Status"),
    *dates(target_on="Due on"),
    *numbers("Quantity", target="Year", target_to_date="Planned by now", accomplished="Done"),
    rate("physical", "Done / year %", "accomplished", "target"),
    *sums("Money", cost="Planned", obligated="Obligated", disbursed="Disbursed"),
    *texts(remark="Remark"),
)

PHYSICAL_PLAN = f"""
WITH {PLANNED}
SELECT w.program_title, w.code, w.title, w.output, w.unit, w.quantity,
    w.q1_quantity AS q1, w.q2_quantity AS q2, w.q3_quantity AS q3, w.q4_quantity AS q4,
    to_char(w.target_completion_on, 'YYYY-MM-DD') AS target_on, w.estimated_cost_amount AS cost
FROM planned AS w ORDER BY w.program_title, w.code
"""
PHYSICAL_PLAN_COLUMNS = (
    *texts(program_title="Program", code="Code", title="Work item", output="Output", unit="Unit"),
    *numbers(
        "Quantity",
        q1="Quarter 1",
        q2="Quarter 2",
        q3="Quarter 3",
        q4="Quarter 4",
        quantity="Year",
    ),
    *dates(target_on="Due on"),
    *sums(cost="Planned cost"),
)

# Plans are of a quarter; its months share it evenly, to the centavo.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHLY = ", ".join(
    f"sum(round(q{at // 3 + 1}_amount * {at % 3 + 1} / 3, 2)"
    f" - round(q{at // 3 + 1}_amount * {at % 3} / 3, 2)) AS m{at + 1}"
    for at in range(12)
)
BY_ITEM = f"""
by_item AS (
    SELECT item_id, {MONTHLY}, sum(estimated_cost_amount) AS planned,
        {", ".join(f"sum(q{quarter}_amount) AS q{quarter}" for quarter in range(1, 5))}
    FROM planned GROUP BY item_id
), posted AS (
    SELECT l.item_id, l.program_title, l.expense_class,
        {sum_of("l.kind LIKE 'appropria%'")} AS appropriated,
        {sum_of("l.kind LIKE 'alloca%'")} AS allocated,
        {sum_of("l.kind LIKE 'allot%'")} AS allotted,
        {sum_of(OBLIGED)} AS obligated, {sum_of(PAID)} AS disbursed
    FROM ledger AS l GROUP BY l.item_id, l.program_title, l.expense_class
)"""


def _of_items(*names: str) -> str:
    return ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in names)


FINANCIAL_PLAN = f"""
WITH {LEDGER}, {PLANNED}, {BY_ITEM}
SELECT program_title, expense_class,
    {_of_items("appropriated", "allocated", "q1", "q2", "q3", "q4", "planned", "obligated")},
    sum(allocated) - coalesce(sum(planned), 0) AS unplanned
FROM posted LEFT JOIN by_item USING (item_id)
GROUP BY program_title, expense_class ORDER BY program_title, {CLASSES}
"""
FINANCIAL_PLAN_COLUMNS = (
    *texts(program_title="Program"),
    *codes(expense_class="Class"),
    *sums(appropriated="Adjusted appropriation", allocated="Allocated"),
    *sums(
        "Planned obligations",
        q1="Quarter 1",
        q2="Quarter 2",
        q3="Quarter 3",
        q4="Quarter 4",
        planned="Total",
    ),
    *sums(unplanned="Allocated, not planned", obligated="Obligated so far"),
)

CASH_PROGRAMME = f"""
WITH {LEDGER}, {PLANNED}, {BY_ITEM}
SELECT program_title, expense_class, {_of_items(*(f"m{at}" for at in range(1, 13)))},
    {_of_items("planned", "disbursed")}, coalesce(sum(planned), 0) - sum(disbursed) AS unpaid
FROM posted LEFT JOIN by_item USING (item_id)
GROUP BY program_title, expense_class ORDER BY program_title, {CLASSES}
"""
CASH_PROGRAMME_COLUMNS = (
    *texts(program_title="Program"),
    *codes(expense_class="Class"),
    *sums("Planned payments", **{f"m{at}": name for at, name in enumerate(MONTHS, start=1)}),
    *sums(planned="Total planned", disbursed="Paid so far", unpaid="Planned, not paid"),
)

PEOPLES_BUDGET = f"""
WITH {LEDGER}, {PLANNED}, {BY_ITEM}, promised AS (
    SELECT program_title, string_agg(
        trim_scale(quantity) || ' ' || unit || ': ' || title, '; ' ORDER BY code) AS promise
    FROM planned GROUP BY program_title
)
SELECT p.program_title, coalesce(m.promise, '') AS promise,
    {_of_items("appropriated", "allotted", "obligated", "disbursed")}
FROM posted AS p LEFT JOIN promised AS m USING (program_title)
GROUP BY p.program_title, m.promise ORDER BY sum(appropriated) DESC, p.program_title
"""
PEOPLES_BUDGET_COLUMNS = (
    *texts(program_title="What it is for", promise="What will be done with it"),
    *sums(
        appropriated="Voted by Parliament",
        allotted="Released for use",
        obligated="Bound by contracts and orders",
        disbursed="Paid out",
    ),
    rate("paid_share", "Paid of every 100 pesos voted", "disbursed", "appropriated"),
)

QUICK_EXPORT = f"""
WITH {LEDGER}, made AS (
    SELECT l.allocation_id, {sum_of("l.kind LIKE 'alloca%'")} AS allocated,
        {sum_of(OBLIGED)} AS obligated, {sum_of(PAID)} AS disbursed,
        {sum_of(f"{PAID} AND o.work_item_id IS NOT NULL")} AS work_item_spent
    FROM ledger AS l
    LEFT JOIN budgeting.obligations AS o ON o.org_id = l.org_id AND o.id = l.obligation_id
    WHERE l.allocation_id IS NOT NULL GROUP BY l.allocation_id
)
SELECT coalesce(k.code, i.prexc_code) AS code, a.program_title AS title,
    split_part(CAST(:organization AS text), ' ', 1) AS moa, a.expense_class, m.*,
    m.disbursed - m.allocated AS variance, a.status, a.remarks
FROM made AS m JOIN budgeting.allocations AS a ON a.id = m.allocation_id
JOIN budgeting.appropriation_items AS i ON i.org_id = a.org_id AND i.id = a.appropriation_item_id
LEFT JOIN budgeting.known_ppas AS k ON k.org_id = a.org_id AND k.id = a.ppa_id
ORDER BY code, title, array_position(ARRAY['ps', 'mooe', 'fe', 'co'], a.expense_class), a.id
"""
QUICK_EXPORT_COLUMNS = (
    *texts(code="PPA code", title="Title", moa="MOA"),
    *codes(expense_class="Class"),
    *sums(
        allocated="Allocated",
        obligated="Obligated",
        disbursed="Disbursed",
        variance="Variance, disbursed less allocated",
    ),
    rate("variance_share", "Variance / allocated %", "variance", "allocated"),
    rate("utilisation", "Disbursed / allocated %", "disbursed", "allocated"),
    *codes(status="Status"),
    *sums(work_item_spent="Paid for work items"),
    *texts(remarks="Remarks"),
)

DEFINITIONS: dict[ReportKind, Definition] = {
    ReportKind.progress: Definition(
        "Physical and Financial Progress", PROGRESS, PROGRESS_COLUMNS, notes=(PLAN_NOTE,)
    ),
    ReportKind.proposal_book: Definition(
        "Proposal Book", BOOK, BOOK_COLUMNS, parted_by="expense_class"
    ),
    ReportKind.physical_report: Definition(
        "Physical Report of Operation (BAR No. 1)",
        PHYSICAL_REPORT,
        PHYSICAL_REPORT_COLUMNS,
        notes=(PLAN_NOTE,),
    ),
    ReportKind.financial_plan: Definition(
        "Financial Plan (BED No. 1)",
        FINANCIAL_PLAN,
        FINANCIAL_PLAN_COLUMNS,
        parted_by="expense_class",
        notes=(PLAN_NOTE,),
    ),
    ReportKind.physical_plan: Definition(
        "Physical Plan (BED No. 2)", PHYSICAL_PLAN, PHYSICAL_PLAN_COLUMNS, notes=(PLAN_NOTE,)
    ),
    ReportKind.cash_programme: Definition(
        "Monthly Disbursement Program (BED No. 3)",
        CASH_PROGRAMME,
        CASH_PROGRAMME_COLUMNS,
        parted_by="expense_class",
        notes=(PLAN_NOTE, "Plans are made by quarter; its months share it evenly."),
    ),
    ReportKind.peoples_budget: Definition(
        "The People's Budget", PEOPLES_BUDGET, PEOPLES_BUDGET_COLUMNS
    ),
    ReportKind.quick_export: Definition(
        "Allocations at a Glance", QUICK_EXPORT, QUICK_EXPORT_COLUMNS
    ),
}
