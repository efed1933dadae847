"""warn of pace"""

import sqlalchemy as sa
from alembic import op

from services.budgeting.load_catalogue import load

revision = "budgeting_warn_0028"
down_revision = "budgeting_scenarios_0027"
branch_labels = None
depends_on = None

TYPES = (
    "ceiling",
    "approval_stuck",
    "release_overdue",
    "lapsing",
    "unpaid_due",
    "work_item_late",
)
MORE = ("allotment_use", "slow_obligation", "slow_disbursement", "variance", "report_due")
SEVERITIES = ("warning", "critical")
KINDS = (
    "saaodb",
    "raod",
    "status",
    "payables",
    "lapsing",
    "progress",
    "proposal_book",
    "by_object",
    "allotment_list",
    "transfers",
    "payments_by_month",
    "disbursements_by_program",
    "physical_report",
    "financial_plan",
    "physical_plan",
    "cash_programme",
    "peoples_budget",
    "quick_export",
)
TABLES = ("benchmarks", "report_deadlines")


def upgrade() -> None:
    op.create_table(
        "benchmarks",
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("obligated_percent", sa.Integer(), nullable=False),
        sa.Column("disbursed_percent", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_benchmarks_quarter")),
        sa.CheckConstraint(
            "obligated_percent BETWEEN 0 AND 100", name=op.f("ck_benchmarks_obligated")
        ),
        sa.CheckConstraint(
            "disbursed_percent BETWEEN 0 AND obligated_percent",
            name=op.f("ck_benchmarks_disbursed"),
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_benchmarks_valid")),
        sa.PrimaryKeyConstraint("quarter", "valid_from", name="pk_benchmarks"),
        schema="budgeting",
    )
    op.create_table(
        "report_deadlines",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_report_deadlines_kind")),
        sa.CheckConstraint("days BETWEEN 1 AND 366", name=op.f("ck_report_deadlines_days")),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_report_deadlines_valid")),
        sa.PrimaryKeyConstraint("kind", "valid_from", name="pk_report_deadlines"),
        schema="budgeting",
    )
    # The same for every organization, and written by nobody at run time: see GLOBAL_TABLES.
    for table in TABLES:
        op.execute(f"GRANT SELECT ON budgeting.{table} TO budgeting_app, budgeting_ro")
    load(op.get_bind(), tables=TABLES)
    _allow((*TYPES, *MORE), (*SEVERITIES, "urgent"))


def downgrade() -> None:
    op.execute(f"DELETE FROM budgeting.alerts WHERE alert_type IN {MORE}")
    op.execute("UPDATE budgeting.alerts SET severity = 'critical' WHERE severity = 'urgent'")
    _allow(TYPES, SEVERITIES)
    for table in TABLES:
        op.drop_table(table, schema="budgeting")


def _allow(types: tuple[str, ...], severities: tuple[str, ...]) -> None:
    for name, condition in (
        ("type", f"alert_type IN {types}"),
        ("severity", f"severity IN {severities}"),
    ):
        op.drop_constraint(op.f(f"ck_alerts_{name}"), "alerts", schema="budgeting")
        op.create_check_constraint(
            op.f(f"ck_alerts_{name}"), "alerts", condition, schema="budgeting"
        )
