"""sign reports"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_figures_0018"
down_revision = "budgeting_0017"
branch_labels = None
depends_on = None

EARLIER = ("saaodb", "raod", "status", "payables", "lapsing", "progress", "proposal_book")
ADDED = (
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


def upgrade() -> None:
    _allow(EARLIER + ADDED)
    op.create_table(
        "report_signatures",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('budget_officer', 'chief_accountant', 'head', 'submitter')",
            name=op.f("ck_report_signatures_capacity"),
        ),
        sa.CheckConstraint("name ~ '[^[:space:]]'", name=op.f("ck_report_signatures_name")),
        sa.CheckConstraint("position ~ '[^[:space:]]'", name=op.f("ck_report_signatures_position")),
        sa.ForeignKeyConstraint(
            ["org_id", "report_id"],
            ["budgeting.reports.org_id", "budgeting.reports.id"],
            name="fk_report_signatures_org_id_report_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_report_signatures"),
        sa.UniqueConstraint(
            "org_id",
            "report_id",
            "capacity",
            name="uq_report_signatures_org_id_report_id_capacity",
        ),
        schema="budgeting",
    )
    op.create_index(
        "uq_report_signatures_signer",
        "report_signatures",
        ["org_id", "report_id", "created_by"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("capacity <> 'submitter'"),
    )
    secure_tenant_table(op, "report_signatures", append_only=True)


def downgrade() -> None:
    op.drop_table("report_signatures", schema="budgeting")
    # Reports are kept for good, also of kinds that are no longer made.
    _allow(EARLIER, postgresql_not_valid=True)


def _allow(kinds: tuple[str, ...], **more: bool) -> None:
    op.drop_constraint(op.f("ck_reports_kind"), "reports", schema="budgeting")
    op.create_check_constraint(
        op.f("ck_reports_kind"), "reports", f"kind IN {kinds}", schema="budgeting", **more
    )
