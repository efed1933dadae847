"""create proposals"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_0002"
down_revision = "budgeting_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("total_requested_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("total_approved_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("preparers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'annual') = (number IS NULL) AND coalesce(number, 1) >= 1",
            name=op.f("ck_proposals_number"),
        ),
        sa.CheckConstraint(
            "(status = 'approved') = (total_approved_amount IS NOT NULL)",
            name=op.f("ck_proposals_approved_known"),
        ),
        sa.CheckConstraint(
            "(status IN ('approved', 'rejected')) = (decided_at IS NOT NULL)",
            name=op.f("ck_proposals_decided_known"),
        ),
        sa.CheckConstraint("kind IN ('annual', 'supplemental')", name=op.f("ck_proposals_kind")),
        sa.CheckConstraint(
            "status <> 'under_review' OR reviewed_by IS NOT NULL",
            name=op.f("ck_proposals_reviewed_known"),
        ),
        sa.CheckConstraint(
            "status = 'draft' OR revision >= 1 AND submitted_at IS NOT NULL",
            name=op.f("ck_proposals_submitted_known"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'under_review', 'returned', 'approved', 'rejected')",
            name=op.f("ck_proposals_status"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_proposals_decided")
        ),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by IS NULL)", name=op.f("ck_proposals_submitted")
        ),
        sa.CheckConstraint("created_by = ANY (preparers)", name=op.f("ck_proposals_preparers")),
        sa.CheckConstraint(
            "decided_by <> created_by AND decided_by <> submitted_by AND decided_by <> ALL (preparers)",
            name=op.f("ck_proposals_approver"),
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_proposals_fiscal_year")
        ),
        sa.CheckConstraint(
            "reviewed_by <> ALL (preparers) AND reviewed_by <> decided_by",
            name=op.f("ck_proposals_reviewer"),
        ),
        sa.CheckConstraint(
            "total_approved_amount BETWEEN 0 AND total_requested_amount",
            name=op.f("ck_proposals_approved"),
        ),
        sa.CheckConstraint(
            "total_requested_amount BETWEEN 0 AND 9999999999999999.99",
            name=op.f("ck_proposals_requested"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_proposals"),
        schema="budgeting",
    )
    op.create_index(
        "ix_proposals_org_id_created_at_id",
        "proposals",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_proposals_org_id_status",
        "proposals",
        ["org_id", "status"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_proposals_annual",
        "proposals",
        ["org_id", "fiscal_year"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("kind = 'annual' AND status <> 'rejected'"),
    )
    op.create_index(
        "uq_proposals_number",
        "proposals",
        ["org_id", "fiscal_year", "number"],
        unique=True,
        schema="budgeting",
    )
    op.create_table(
        "decisions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(stage, decision) IN (('submission', 'submitted'), ('submission', 'withdrawn'), ('review', 'reviewed'), ('review', 'returned'), ('approval', 'approved'), ('approval', 'rejected'))",
            name=op.f("ck_decisions_decision"),
        ),
        sa.CheckConstraint(
            "decision NOT IN ('returned', 'rejected') OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_decisions_remarks"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 9999999999999999.99", name=op.f("ck_decisions_amount")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_decisions_revision")),
        sa.ForeignKeyConstraint(
            ["org_id", "proposal_id"],
            ["budgeting.proposals.org_id", "budgeting.proposals.id"],
            name="fk_decisions_org_id_proposal_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_decisions"),
        schema="budgeting",
    )
    op.create_index(
        "ix_decisions_org_id_proposal_id_created_at_id",
        "decisions",
        ["org_id", "proposal_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "programs",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("ppa_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("expected_outcomes", sa.Text(), nullable=False),
        sa.Column("priority_rank", sa.Integer(), nullable=False),
        sa.Column("requested_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("approved_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "approved_amount BETWEEN 0 AND requested_amount", name=op.f("ck_programs_approved")
        ),
        sa.CheckConstraint("priority_rank >= 1", name=op.f("ck_programs_priority_rank")),
        sa.CheckConstraint(
            "requested_amount BETWEEN 0 AND 9999999999999999.99", name=op.f("ck_programs_requested")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "proposal_id"],
            ["budgeting.proposals.org_id", "budgeting.proposals.id"],
            name="fk_programs_org_id_proposal_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_programs"),
        sa.UniqueConstraint(
            "org_id", "proposal_id", "ppa_id", name="uq_programs_org_id_proposal_id_ppa_id"
        ),
        sa.UniqueConstraint(
            "org_id",
            "proposal_id",
            "priority_rank",
            name="uq_programs_org_id_proposal_id_priority_rank",
        ),
        schema="budgeting",
    )
    op.create_table(
        "submissions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_submissions_revision")),
        sa.ForeignKeyConstraint(
            ["org_id", "proposal_id"],
            ["budgeting.proposals.org_id", "budgeting.proposals.id"],
            name="fk_submissions_org_id_proposal_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_submissions"),
        sa.UniqueConstraint(
            "org_id", "proposal_id", "revision", name="uq_submissions_org_id_proposal_id_revision"
        ),
        schema="budgeting",
    )
    op.create_table(
        "line_items",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("display_order", sa.Integer(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("object_code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_cost_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("q1_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("q2_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("q3_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("q4_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("requested_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("approved_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "expense_class IN ('ps', 'mooe', 'fe', 'co')", name=op.f("ck_line_items_expense_class")
        ),
        sa.CheckConstraint(
            "object_code ~ '^[0-9]{8}([0-9]{2})?$'", name=op.f("ck_line_items_object_code")
        ),
        sa.CheckConstraint(
            "approved_amount BETWEEN 0 AND requested_amount", name=op.f("ck_line_items_approved")
        ),
        sa.CheckConstraint(
            "least(q1_amount, q2_amount, q3_amount, q4_amount) >= 0",
            name=op.f("ck_line_items_quarters_positive"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(q1_amount, q2_amount, q3_amount, q4_amount) IN (0, 4)",
            name=op.f("ck_line_items_quarters"),
        ),
        sa.CheckConstraint(
            "q1_amount + q2_amount + q3_amount + q4_amount = requested_amount",
            name=op.f("ck_line_items_quarters_sum"),
        ),
        sa.CheckConstraint(
            "quantity > 0 AND quantity <= 999999999.999", name=op.f("ck_line_items_quantity")
        ),
        sa.CheckConstraint(
            "requested_amount = round(unit_cost_amount * quantity, 2)",
            name=op.f("ck_line_items_requested"),
        ),
        sa.CheckConstraint(
            "unit_cost_amount BETWEEN 0 AND 9999999999999999.99",
            name=op.f("ck_line_items_unit_cost"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "program_id"],
            ["budgeting.programs.org_id", "budgeting.programs.id"],
            name="fk_line_items_org_id_program_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_line_items"),
        schema="budgeting",
    )
    op.create_index(
        "ix_line_items_org_id_program_id_display_order",
        "line_items",
        ["org_id", "program_id", "display_order"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "proposals")
    secure_tenant_table(op, "decisions", append_only=True)
    secure_tenant_table(op, "programs")
    secure_tenant_table(op, "submissions", append_only=True)
    secure_tenant_table(op, "line_items")


def downgrade() -> None:
    op.drop_index(
        "ix_line_items_org_id_program_id_display_order", table_name="line_items", schema="budgeting"
    )
    op.drop_table("line_items", schema="budgeting")
    op.drop_table("submissions", schema="budgeting")
    op.drop_table("programs", schema="budgeting")
    op.drop_index(
        "ix_decisions_org_id_proposal_id_created_at_id", table_name="decisions", schema="budgeting"
    )
    op.drop_table("decisions", schema="budgeting")
    op.drop_index("uq_proposals_number", table_name="proposals", schema="budgeting")
    op.drop_index(
        "uq_proposals_annual",
        table_name="proposals",
        schema="budgeting",
        postgresql_where=sa.text("kind = 'annual' AND status <> 'rejected'"),
    )
    op.drop_index("ix_proposals_org_id_status", table_name="proposals", schema="budgeting")
    op.drop_index("ix_proposals_org_id_created_at_id", table_name="proposals", schema="budgeting")
    op.drop_table("proposals", schema="budgeting")
