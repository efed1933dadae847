"""create facts and known rows"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "ocm_0002"
down_revision = "ocm_0001"
branch_labels = None
depends_on = None

TABLES = (
    "facts",
    "known_assessments",
    "known_organizations",
    "known_partnership_answers",
    "known_partnerships",
    "known_ppas",
    "known_proposals",
    "known_strategic_plans",
)
OVERSIGHT = "(SELECT current_setting('app.oversight', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("source_seq", sa.BigInteger(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("aggregate_version", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_facts"),
        sa.UniqueConstraint("org_id", "event_id", name="uq_facts_org_id_event_id"),
        schema="ocm",
    )
    op.create_index(
        "ix_facts_org_id_aggregate_id_aggregate_version",
        "facts",
        ["org_id", "aggregate_id", "aggregate_version"],
        unique=False,
        schema="ocm",
    )
    op.create_index(
        "ix_facts_org_id_context_fiscal_year",
        "facts",
        ["org_id", "context", "fiscal_year"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_assessments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("region_psgc", sa.Text(), nullable=True),
        sa.Column("province_psgc", sa.Text(), nullable=True),
        sa.Column("municipality_psgc", sa.Text(), nullable=True),
        sa.Column("planned_start_on", sa.Date(), nullable=False),
        sa.Column("planned_end_on", sa.Date(), nullable=False),
        sa.Column("actual_end_on", sa.Date(), nullable=True),
        sa.Column("estimated_budget_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_assessments"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_assessments_org_id_fiscal_year_status",
        "known_assessments",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_organizations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("org_type", sa.Text(), nullable=False),
        sa.Column("is_moa", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_organizations"),
        schema="ocm",
    )
    op.create_table(
        "known_partnership_answers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("lead_org_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_partnership_answers"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_partnership_answers_org_id_partnership_id_updated_at",
        "known_partnership_answers",
        ["org_id", "partnership_id", "updated_at"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_partnerships",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("partnership_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("total_budget_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_partnerships"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_partnerships_org_id_starts_on_ends_on",
        "known_partnerships",
        ["org_id", "starts_on", "ends_on"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_ppas",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("approved_budget_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("indicators_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_ppas"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_ppas_org_id_fiscal_year_status",
        "known_ppas",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_proposals",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("total_requested_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("total_approved_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("totals_by_class", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_proposals"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_proposals_org_id_fiscal_year_status",
        "known_proposals",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_strategic_plans",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("start_year", sa.Integer(), nullable=False),
        sa.Column("end_year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("goals_by_status", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("goals_weight", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("goals_progress", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_strategic_plans"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_strategic_plans_org_id_start_year_end_year",
        "known_strategic_plans",
        ["org_id", "start_year", "end_year"],
        unique=False,
        schema="ocm",
    )
    # Oversight reads every organization's rows and writes none: a second policy, FOR SELECT.
    for table in TABLES:
        secure_tenant_table(op, table, append_only=table == "facts")
        share_for_select(op, table, name="oversight", using=OVERSIGHT)


def downgrade() -> None:
    op.drop_index(
        "ix_known_strategic_plans_org_id_start_year_end_year",
        table_name="known_strategic_plans",
        schema="ocm",
    )
    op.drop_table("known_strategic_plans", schema="ocm")
    op.drop_index(
        "ix_known_proposals_org_id_fiscal_year_status", table_name="known_proposals", schema="ocm"
    )
    op.drop_table("known_proposals", schema="ocm")
    op.drop_index("ix_known_ppas_org_id_fiscal_year_status", table_name="known_ppas", schema="ocm")
    op.drop_table("known_ppas", schema="ocm")
    op.drop_index(
        "ix_known_partnerships_org_id_starts_on_ends_on",
        table_name="known_partnerships",
        schema="ocm",
    )
    op.drop_table("known_partnerships", schema="ocm")
    op.drop_index(
        "ix_known_partnership_answers_org_id_partnership_id_updated_at",
        table_name="known_partnership_answers",
        schema="ocm",
    )
    op.drop_table("known_partnership_answers", schema="ocm")
    op.drop_table("known_organizations", schema="ocm")
    op.drop_index(
        "ix_known_assessments_org_id_fiscal_year_status",
        table_name="known_assessments",
        schema="ocm",
    )
    op.drop_table("known_assessments", schema="ocm")
    op.drop_index("ix_facts_org_id_context_fiscal_year", table_name="facts", schema="ocm")
    op.drop_index(
        "ix_facts_org_id_aggregate_id_aggregate_version", table_name="facts", schema="ocm"
    )
    op.drop_table("facts", schema="ocm")
