"""The forms of accountability (sheet, section 12): every SELECT, all over the one ledger."""

from __future__ import annotations

from services.budgeting.report_figures.model import (
    Definition,
    ReportKind,
    codes,
    dates,
    sums,
    texts,
)
from services.budgeting.report_figures.queries import CLASSES, LEDGER, OBLIGED, PAID, sum_of

QUARTER_SUMS = ", ".join(
    f"{sum_of(f'{condition} AND l.quarter = {number}')} AS {name}_q{number}"
    for name, condition in (("obligated", OBLIGED), ("disbursed", PAID))
    for number in range(1, 5)
)


def _share(amount: str) -> str:
    """Return the part of an amount that an object bears; over all objects it adds up exactly."""
    before = f"round({amount} * (b.up_to - b.part) / b.whole, 2)"
    return f"round({amount} * b.up_to / b.whole, 2) - {before}"


# What was moved so far is shared, not each posting: what is paid in full is so in every object.
BY_OBJECT = f"""
WITH {LEDGER}, moved AS (
    SELECT l.*, sum(l.amount) OVER (
        PARTITION BY l.obligation_id, {OBLIGED} ORDER BY l.posted_on, l.created_at, l.id
    ) AS so_far
    FROM ledger AS l WHERE {OBLIGED} OR {PAID}
), objects AS (
    SELECT obligation_id, code AS object_code, sum(amount) AS part,
        sum(sum(amount)) OVER (PARTITION BY obligation_id ORDER BY code) AS up_to,
        sum(sum(amount)) OVER (PARTITION BY obligation_id) AS whole
    FROM budgeting.obligation_lines, rpad(object_code, 10, '0') AS code
    GROUP BY obligation_id, code
), lines AS (
    SELECT m.expense_class, b.object_code, m.kind, m.quarter, o.delivered_on,
        {_share("m.so_far")} - ({_share("(m.so_far - m.amount)")}) AS amount
    FROM moved AS m JOIN objects AS b ON b.obligation_id = m.obligation_id
    JOIN budgeting.obligations AS o ON o.org_id = m.org_id AND o.id = m.obligation_id
    UNION ALL
    SELECT expense_class, '', kind, quarter, NULL, amount FROM ledger
    WHERE kind LIKE 'appropria%' OR kind LIKE 'allot%'
)
SELECT l.expense_class, coalesce(nullif(l.object_code, ''), 'the class as a whole') AS object,
    (SELECT c.title FROM budgeting.object_codes AS c WHERE c.code = l.object_code
        AND :fiscal_year BETWEEN c.valid_from AND coalesce(c.valid_to, :fiscal_year)
        ORDER BY c.valid_from DESC LIMIT 1) AS title,
    {sum_of("l.kind LIKE 'appropria%'")} AS adjusted,
    {sum_of("l.kind LIKE 'allot%'")} AS allotments, {QUARTER_SUMS},
    {sum_of(OBLIGED)} AS obligated, {sum_of(PAID)} AS disbursed,
    coalesce(sum(CASE WHEN {OBLIGED} THEN l.amount WHEN {PAID} THEN -l.amount END)
        FILTER (WHERE l.delivered_on <= :as_of), 0) AS due,
    coalesce(sum(CASE WHEN {OBLIGED} THEN l.amount WHEN {PAID} THEN -l.amount END)
        FILTER (WHERE l.delivered_on IS NULL OR l.delivered_on > :as_of), 0) AS not_yet_due
FROM lines AS l GROUP BY l.expense_class, l.object_code ORDER BY {CLASSES}, l.object_code
"""
BY_OBJECT_COLUMNS = (
    *codes(expense_class="Class"),
    *texts(object="Object", title="What it is"),
    *sums("Authority", adjusted="Adjusted appropriation", allotments="Adjusted allotments"),
    *(
        column
        for name, title in (("obligated", "Obligations"), ("disbursed", "Disbursements"))
        for column in sums(
            title,
            **{f"{name}_q{number}": f"Quarter {number}" for number in range(1, 5)},
            **{name: "Total"},
        )
    ),
    *sums("Unpaid", due="Due", not_yet_due="Not yet due"),
)

CLASSES_OF_LINES = CLASSES.replace("expense_class", "l.expense_class")
ALLOTMENT_LIST = f"""
WITH {LEDGER}
SELECT l.expense_class, to_char(l.posted_on, 'YYYY-MM-DD') AS posted_on, l.reference,
    l.program_title, l.funding_source, t.kind AS release,
    coalesce('Q' || t.quarter, 'year') AS period, l.reason,
    CASE WHEN l.kind = 'allotted' THEN l.amount ELSE 0 END AS received,
    CASE WHEN l.kind IN ('allotted', 'allotment_transferred') THEN 0 ELSE l.amount END AS withdrawn,
    CASE WHEN l.kind = 'allotment_transferred' THEN l.amount ELSE 0 END AS transferred,
    l.amount AS allotments
FROM ledger AS l JOIN budgeting.allotments AS t ON t.org_id = l.org_id AND t.id = l.allotment_id
WHERE l.kind LIKE 'allot%' ORDER BY {CLASSES_OF_LINES}, l.posted_on, l.created_at, l.id
"""
ALLOTMENT_LIST_COLUMNS = (
    *codes(expense_class="Class"),
    *dates(posted_on="Date"),
    *texts(reference="Release", program_title="Program"),
    *codes(funding_source="Fund source", release="Kind", period="Period"),
    *texts(reason="Reason"),
    *sums(
        received="Received",
        withdrawn="Adjustments, withdrawals",
        transferred="Transfers from (to) others",
        allotments="Allotments",
    ),
)

TRANSFERS = f"""
WITH {LEDGER}
SELECT to_char(l.posted_on, 'YYYY-MM-DD') AS posted_on, l.reference,
    coalesce(a.program_title, l.program_title) AS program_title, l.expense_class,
    l.funding_source, l.reason,
    CASE WHEN l.kind LIKE 'appropria%' THEN l.amount ELSE 0 END AS appropriation,
    CASE WHEN l.kind LIKE 'alloca%' THEN l.amount ELSE 0 END AS allocation,
    CASE WHEN l.kind LIKE 'allot%' THEN l.amount ELSE 0 END AS allotment
FROM ledger AS l
LEFT JOIN budgeting.allocations AS a ON a.org_id = l.org_id AND a.id = l.allocation_id
WHERE (l.kind LIKE 'appropria%' OR l.kind LIKE 'alloca%' OR l.kind LIKE 'allot%')
    AND l.kind NOT IN ('appropriated', 'allocated', 'allotted')
ORDER BY l.posted_on, l.created_at, l.id
"""
TRANSFERS_COLUMNS = (
    *dates(posted_on="Date"),
    *texts(reference="Reference", program_title="Program"),
    *codes(expense_class="Class", funding_source="Fund source"),
    *texts(reason="Reason"),
    *sums(
        "Moved in (out)",
        appropriation="Appropriation",
        allocation="Allocation",
        allotment="Allotment",
    ),
)

# Taxes withheld and other deductions go where the payment goes, and come back when it is void.
BY_MONTH = f"""
WITH {LEDGER}, lines AS (
    SELECT to_char(l.posted_on, 'YYYY-MM') AS month, l.expense_class, l.amount, 0 AS received,
        sign(l.amount) * d.withholding_tax_amount AS withheld,
        sign(l.amount) * d.other_deductions_amount AS deducted
    FROM ledger AS l
    JOIN budgeting.disbursements AS d ON d.org_id = l.org_id AND d.id = l.disbursement_id
    WHERE {PAID}
    UNION ALL
    SELECT to_char(greatest(received_on, valid_from), 'YYYY-MM'), '', 0, amount, 0, 0
    FROM budgeting.cash_allocations
    WHERE fiscal_year = :fiscal_year AND greatest(received_on, valid_from) <= :as_of
        AND status = 'confirmed' AND approved_at <= :known_at
    UNION ALL
    SELECT to_char(month, 'YYYY-MM'), '', 0, 0, 0, 0
    FROM generate_series(make_date(:fiscal_year, 1, 1), CAST(:as_of AS date), '1 month') AS month
)
SELECT month, {
    ", ".join(
        f"coalesce(sum(amount) FILTER (WHERE expense_class = '{each}'), 0) AS {each}"
        for each in ("ps", "mooe", "fe", "co")
    )
}, sum(amount) AS disbursed, sum(withheld) AS withheld, sum(deducted) AS deducted,
    sum(amount - withheld - deducted) AS net, sum(received) AS received
FROM lines GROUP BY month ORDER BY month
"""
BY_MONTH_COLUMNS = (
    *texts(month="Month"),
    *sums(received="Cash received (NCA)"),
    *sums("Gross disbursements", ps="PS", mooe="MOOE", fe="FE", co="CO", disbursed="Total"),
    *sums("Of which", withheld="Taxes withheld", deducted="Other deductions", net="Paid out"),
)

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
OF_YEAR = "extract(year FROM l.posted_on) <= l.fiscal_year"
BY_PROGRAM = f"""
WITH {LEDGER}
SELECT l.program_title, l.expense_class, {
    ", ".join(
        f"{sum_of(f'{OF_YEAR} AND extract(month FROM l.posted_on) = {number}')} AS m{number}"
        for number in range(1, 13)
    )
}, {sum_of(f"NOT {OF_YEAR}")} AS later, {sum_of("true")} AS disbursed
FROM ledger AS l WHERE {PAID} GROUP BY l.program_title, l.expense_class
ORDER BY l.program_title, {CLASSES}
"""
BY_PROGRAM_COLUMNS = (
    *texts(program_title="Program"),
    *codes(expense_class="Class"),
    *sums("Disbursements", **{f"m{at}": name for at, name in enumerate(MONTHS, start=1)}),
    *sums(later="After the year", disbursed="Total"),
)

DEFINITIONS: dict[ReportKind, Definition] = {
    ReportKind.by_object: Definition(
        "Summary of Appropriations, Allotments, Obligations and Disbursements by Object"
        " of Expenditures (FAR No. 1-A)",
        BY_OBJECT,
        BY_OBJECT_COLUMNS,
        parted_by="expense_class",
        notes=(
            "Authority is given by class, not by object.",
            "An adjustment or payment of several objects is shared in proportion to their lines.",
        ),
    ),
    ReportKind.allotment_list: Definition(
        "List of Allotments (FAR No. 1-B)",
        ALLOTMENT_LIST,
        ALLOTMENT_LIST_COLUMNS,
        parted_by="expense_class",
    ),
    ReportKind.transfers: Definition(
        "Transfers, Realignments and other Adjustments (FAR No. 1-C)",
        TRANSFERS,
        TRANSFERS_COLUMNS,
        parted_by="expense_class",
    ),
    ReportKind.payments_by_month: Definition(
        "Monthly Report of Disbursements (FAR No. 4)", BY_MONTH, BY_MONTH_COLUMNS
    ),
    ReportKind.disbursements_by_program: Definition(
        "Disbursements by Program and Month",
        BY_PROGRAM,
        BY_PROGRAM_COLUMNS,
        parted_by="expense_class",
    ),
}
