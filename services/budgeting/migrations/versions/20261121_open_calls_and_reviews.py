"""open calls and reviews"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_f005"
down_revision = "budgeting_ledger_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "submissions", sa.Column("reviewer_org_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "submissions", sa.Column("budget_call_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column("submissions", sa.Column("title", sa.Text(), nullable=True), schema="budgeting")
    op.add_column("submissions", sa.Column("kind", sa.Text(), nullable=True), schema="budgeting")
    op.add_column(
        "submissions", sa.Column("fiscal_year", sa.Integer(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "submissions",
        sa.Column("total_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        schema="budgeting",
    )
    op.add_column(
        "submissions",
        sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="budgeting",
    )
    op.create_unique_constraint(
        op.f("uq_submissions_org_id_id_reviewer_org_id"),
        "submissions",
        ["org_id", "id", "reviewer_org_id"],
        schema="budgeting",
    )
    op.create_table(
        "budget_calls",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("guidelines", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("calendar", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'draft') = (opened_at IS NULL)", name=op.f("ck_budget_calls_opened_known")
        ),
        sa.CheckConstraint(
            "(status IN ('closed', 'archived')) = (closed_at IS NOT NULL)",
            name=op.f("ck_budget_calls_closed_known"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'open', 'closed', 'archived')", name=op.f("ck_budget_calls_status")
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_budget_calls_fiscal_year")
        ),
        sa.CheckConstraint("opens_on <= deadline_on", name=op.f("ck_budget_calls_days")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_budget_calls")),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_budget_calls_org_id_created_at_id"),
        "budget_calls",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_budget_calls_fiscal_year",
        "budget_calls",
        ["fiscal_year"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("status <> 'draft'"),
    )
    op.create_table(
        "deliveries",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_org_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'refused') = (reason <> '')", name=op.f("ck_deliveries_reason")
        ),
        sa.CheckConstraint("status IN ('applied', 'refused')", name=op.f("ck_deliveries_status")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("org_id", "event_id", name=op.f("uq_deliveries_org_id_event_id")),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_deliveries_org_id_created_at_id"),
        "deliveries",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_deliveries_org_id_issuer_org_id_about_id"),
        "deliveries",
        ["org_id", "issuer_org_id", "about_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "call_extensions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("budget_call_id", sa.Uuid(), nullable=False),
        sa.Column("for_org_id", sa.Uuid(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason ~ '[^[:space:]]'", name=op.f("ck_call_extensions_reason")),
        sa.ForeignKeyConstraint(
            ["org_id", "budget_call_id"],
            ["budgeting.budget_calls.org_id", "budgeting.budget_calls.id"],
            name=op.f("fk_call_extensions_org_id_budget_call_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_call_extensions")),
        sa.UniqueConstraint(
            "org_id",
            "budget_call_id",
            "for_org_id",
            "deadline_on",
            name=op.f("uq_call_extensions_org_id_budget_call_id_for_org_id_deadline_on"),
        ),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_call_extensions_org_id_for_org_id"),
        "call_extensions",
        ["org_id", "for_org_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "ceilings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("budget_call_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("for_org_id", sa.Uuid(), nullable=True),
        sa.Column("funding_source", sa.Text(), nullable=True),
        sa.Column("expense_class", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("enforcement", sa.Text(), nullable=False),
        sa.Column("warn_at_percent", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("enforcement IN ('hard', 'soft')", name=op.f("ck_ceilings_enforcement")),
        sa.CheckConstraint(
            "expense_class IN ('ps', 'mooe', 'fe', 'co')", name=op.f("ck_ceilings_expense_class")
        ),
        sa.CheckConstraint(
            "funding_source IN ('block_grant', 'national_tax_share', 'regional_taxes', 'special_development_fund', 'transitional_development_fund', 'prior_year_savings', 'grants_and_oda', 'others')",
            name=op.f("ck_ceilings_funding_source"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 9999999999999999.99", name=op.f("ck_ceilings_amount")
        ),
        sa.CheckConstraint("warn_at_percent BETWEEN 1 AND 100", name=op.f("ck_ceilings_warn_at")),
        sa.ForeignKeyConstraint(
            ["org_id", "budget_call_id"],
            ["budgeting.budget_calls.org_id", "budgeting.budget_calls.id"],
            name=op.f("fk_ceilings_org_id_budget_call_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_ceilings")),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_ceilings_org_id_created_at_id"),
        "ceilings",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_ceilings_key",
        "ceilings",
        ["org_id", "budget_call_id", "for_org_id", "funding_source", "expense_class", "sector"],
        unique=True,
        schema="budgeting",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "reviews",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_org_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("budget_call_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("programs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("recommended_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("recommended_by", sa.Uuid(), nullable=True),
        sa.Column("recommended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('approved', 'rejected')) = (decided_at IS NOT NULL)",
            name=op.f("ck_reviews_decided_known"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'recommended', 'returned', 'approved', 'rejected')",
            name=op.f("ck_reviews_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('recommended', 'approved', 'rejected') OR recommended_by IS NOT NULL AND recommended_amount IS NOT NULL",
            name=op.f("ck_reviews_recommended_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('returned', 'rejected') OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_reviews_remarks_given"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_reviews_decided")
        ),
        sa.CheckConstraint(
            "decided_by <> created_by AND decided_by <> recommended_by",
            name=op.f("ck_reviews_decider"),
        ),
        sa.CheckConstraint(
            "recommended_amount BETWEEN 0 AND requested_amount", name=op.f("ck_reviews_recommended")
        ),
        sa.ForeignKeyConstraint(
            ["submission_org_id", "submission_id", "org_id"],
            [
                "budgeting.submissions.org_id",
                "budgeting.submissions.id",
                "budgeting.submissions.reviewer_org_id",
            ],
            name=op.f("fk_reviews_submission_org_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_reviews")),
        sa.UniqueConstraint(
            "org_id",
            "submission_org_id",
            "submission_id",
            name=op.f("uq_reviews_org_id_submission_org_id_submission_id"),
        ),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_reviews_org_id_budget_call_id_status"),
        "reviews",
        ["org_id", "budget_call_id", "status"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_reviews_org_id_created_at_id"),
        "reviews",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "withdrawals",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_org_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "submission_id"],
            ["budgeting.submissions.org_id", "budgeting.submissions.id"],
            name=op.f("fk_withdrawals_org_id_submission_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint(
            "org_id", "submission_id", name=op.f("uq_withdrawals_org_id_submission_id")
        ),
        schema="budgeting",
    )
    op.add_column(
        "line_items",
        sa.Column("sub_category", sa.Text(), server_default="", nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "line_items",
        sa.Column("procurement_mode", sa.Text(), server_default="", nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "line_items",
        sa.Column("procurement_reference", sa.Text(), server_default="", nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "programs",
        sa.Column("alignment", sa.Text(), server_default="", nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "programs",
        sa.Column("prexc_code", sa.Text(), server_default="", nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "programs",
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "programs",
        sa.Column("beneficiaries", sa.Text(), server_default="", nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "programs", sa.Column("funding_source", sa.Text(), nullable=True), schema="budgeting"
    )
    op.add_column("programs", sa.Column("sector", sa.Text(), nullable=True), schema="budgeting")
    op.add_column("programs", sa.Column("tier", sa.Integer(), nullable=True), schema="budgeting")
    op.add_column(
        "programs",
        sa.Column("is_multi_year", sa.Boolean(), server_default=sa.false(), nullable=False),
        schema="budgeting",
    )
    op.add_column(
        "programs",
        sa.Column(
            "tags",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        schema="budgeting",
    )
    op.add_column("programs", sa.Column("goal_id", sa.Uuid(), nullable=True), schema="budgeting")
    op.add_column(
        "programs", sa.Column("assessment_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "programs",
        sa.Column("prior_year_actual_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        schema="budgeting",
    )
    op.add_column(
        "programs",
        sa.Column(
            "current_year_appropriation_amount", sa.Numeric(precision=18, scale=2), nullable=True
        ),
        schema="budgeting",
    )
    op.add_column(
        "proposals", sa.Column("endorsed_by", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "proposals",
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=True),
        schema="budgeting",
    )
    op.add_column(
        "proposals", sa.Column("budget_call_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "proposals", sa.Column("reviewer_org_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.create_index(
        op.f("ix_submissions_org_id_budget_call_id_proposal_id"),
        "submissions",
        ["org_id", "budget_call_id", "proposal_id"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "budget_calls")
    secure_tenant_table(op, "deliveries", append_only=True)
    secure_tenant_table(op, "call_extensions", append_only=True)
    secure_tenant_table(op, "ceilings")
    secure_tenant_table(op, "reviews")
    secure_tenant_table(op, "withdrawals", append_only=True)


def downgrade() -> None:
    op.drop_index(
        op.f("ix_submissions_org_id_budget_call_id_proposal_id"),
        table_name="submissions",
        schema="budgeting",
    )
    op.drop_column("proposals", "reviewer_org_id", schema="budgeting")
    op.drop_column("proposals", "budget_call_id", schema="budgeting")
    op.drop_column("proposals", "endorsed_at", schema="budgeting")
    op.drop_column("proposals", "endorsed_by", schema="budgeting")
    op.drop_column("programs", "current_year_appropriation_amount", schema="budgeting")
    op.drop_column("programs", "prior_year_actual_amount", schema="budgeting")
    op.drop_column("programs", "assessment_id", schema="budgeting")
    op.drop_column("programs", "goal_id", schema="budgeting")
    op.drop_column("programs", "tags", schema="budgeting")
    op.drop_column("programs", "is_multi_year", schema="budgeting")
    op.drop_column("programs", "tier", schema="budgeting")
    op.drop_column("programs", "sector", schema="budgeting")
    op.drop_column("programs", "funding_source", schema="budgeting")
    op.drop_column("programs", "beneficiaries", schema="budgeting")
    op.drop_column("programs", "location", schema="budgeting")
    op.drop_column("programs", "prexc_code", schema="budgeting")
    op.drop_column("programs", "alignment", schema="budgeting")
    op.drop_column("line_items", "procurement_reference", schema="budgeting")
    op.drop_column("line_items", "procurement_mode", schema="budgeting")
    op.drop_column("line_items", "sub_category", schema="budgeting")
    op.drop_table("withdrawals", schema="budgeting")
    op.drop_index(op.f("ix_reviews_org_id_created_at_id"), table_name="reviews", schema="budgeting")
    op.drop_index(
        op.f("ix_reviews_org_id_budget_call_id_status"), table_name="reviews", schema="budgeting"
    )
    op.drop_table("reviews", schema="budgeting")
    op.drop_index(
        "uq_ceilings_key",
        table_name="ceilings",
        schema="budgeting",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(
        op.f("ix_ceilings_org_id_created_at_id"), table_name="ceilings", schema="budgeting"
    )
    op.drop_table("ceilings", schema="budgeting")
    op.drop_index(
        op.f("ix_call_extensions_org_id_for_org_id"),
        table_name="call_extensions",
        schema="budgeting",
    )
    op.drop_table("call_extensions", schema="budgeting")
    op.drop_index(
        op.f("ix_deliveries_org_id_issuer_org_id_about_id"),
        table_name="deliveries",
        schema="budgeting",
    )
    op.drop_index(
        op.f("ix_deliveries_org_id_created_at_id"), table_name="deliveries", schema="budgeting"
    )
    op.drop_table("deliveries", schema="budgeting")
    op.drop_index(
        "uq_budget_calls_fiscal_year",
        table_name="budget_calls",
        schema="budgeting",
        postgresql_where=sa.text("status <> 'draft'"),
    )
    op.drop_index(
        op.f("ix_budget_calls_org_id_created_at_id"), table_name="budget_calls", schema="budgeting"
    )
    op.drop_table("budget_calls", schema="budgeting")
    op.drop_constraint(
        op.f("uq_submissions_org_id_id_reviewer_org_id"), "submissions", schema="budgeting"
    )
    op.drop_column("submissions", "totals", schema="budgeting")
    op.drop_column("submissions", "total_amount", schema="budgeting")
    op.drop_column("submissions", "fiscal_year", schema="budgeting")
    op.drop_column("submissions", "kind", schema="budgeting")
    op.drop_column("submissions", "title", schema="budgeting")
    op.drop_column("submissions", "budget_call_id", schema="budgeting")
    op.drop_column("submissions", "reviewer_org_id", schema="budgeting")
