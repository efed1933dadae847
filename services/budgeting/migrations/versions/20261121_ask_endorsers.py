"""Organizations ask others for their endorsement, and those answer from their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "budgeting_endorsers_0029"
down_revision = "budgeting_cash_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "endorsement_answers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("for_org_id", sa.Uuid(), nullable=False),
        sa.Column("endorsement_request_id", sa.Uuid(), nullable=False),
        sa.Column("endorser", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("document_reference", sa.Text(), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'issued') = (approved_by IS NOT NULL)",
            name=op.f("ck_endorsement_answers_issued"),
        ),
        sa.CheckConstraint(
            "decision = 'endorsed' OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_endorsement_answers_remarks"),
        ),
        sa.CheckConstraint(
            "decision IN ('endorsed', 'declined')", name=op.f("ck_endorsement_answers_decision")
        ),
        sa.CheckConstraint(
            "document_reference ~ '[^[:space:]]'", name=op.f("ck_endorsement_answers_reference")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'issued')", name=op.f("ck_endorsement_answers_status")
        ),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_endorsement_answers_dated"),
        ),
        sa.CheckConstraint(
            "approved_by <> created_by", name=op.f("ck_endorsement_answers_approver")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_endorsement_answers"),
        schema="budgeting",
    )
    op.create_index(
        "ix_endorsement_answers_org_id_created_at_id",
        "endorsement_answers",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_endorsement_answers_draft",
        "endorsement_answers",
        ["org_id", "endorsement_request_id"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_table(
        "endorsement_requests",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("to_org_id", sa.Uuid(), nullable=False),
        sa.Column("endorser", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("proposal_title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("covered_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("covered_digest", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "covered_amount BETWEEN 0 AND 9999999999999999.99",
            name=op.f("ck_endorsement_requests_amount"),
        ),
        sa.CheckConstraint("to_org_id <> org_id", name=op.f("ck_endorsement_requests_another")),
        sa.ForeignKeyConstraint(
            ["org_id", "proposal_id"],
            ["budgeting.proposals.org_id", "budgeting.proposals.id"],
            name="fk_endorsement_requests_org_id_proposal_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_endorsement_requests"),
        schema="budgeting",
    )
    op.create_index(
        "ix_endorsement_requests_org_id_created_at_id",
        "endorsement_requests",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_endorsement_requests_org_id_proposal_id",
        "endorsement_requests",
        ["org_id", "proposal_id"],
        unique=False,
        schema="budgeting",
    )
    op.add_column(
        "endorsements", sa.Column("endorser_org_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    secure_tenant_table(op, "endorsement_answers")
    secure_tenant_table(op, "endorsement_requests", append_only=True)
    me = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"
    share_for_select(op, "endorsement_requests", name="asked_of_us", using=f"to_org_id = {me}")


def downgrade() -> None:
    op.drop_column("endorsements", "endorser_org_id", schema="budgeting")
    op.drop_index(
        "ix_endorsement_requests_org_id_proposal_id",
        table_name="endorsement_requests",
        schema="budgeting",
    )
    op.drop_index(
        "ix_endorsement_requests_org_id_created_at_id",
        table_name="endorsement_requests",
        schema="budgeting",
    )
    op.drop_table("endorsement_requests", schema="budgeting")
    op.drop_index(
        "uq_endorsement_answers_draft",
        table_name="endorsement_answers",
        schema="budgeting",
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.drop_index(
        "ix_endorsement_answers_org_id_created_at_id",
        table_name="endorsement_answers",
        schema="budgeting",
    )
    op.drop_table("endorsement_answers", schema="budgeting")
