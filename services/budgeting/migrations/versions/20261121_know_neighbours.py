"""know neighbours"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_0015"
down_revision = "budgeting_f008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_assessments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_assessments"),
        schema="budgeting",
    )
    op.create_index(
        "ix_known_assessments_org_id_fiscal_year",
        "known_assessments",
        ["org_id", "fiscal_year"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "known_ppas",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_ppas"),
        schema="budgeting",
    )
    op.create_index(
        "ix_known_ppas_org_id_fiscal_year",
        "known_ppas",
        ["org_id", "fiscal_year"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "known_strategic_plans",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("start_year", sa.Integer(), nullable=False),
        sa.Column("end_year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("goal_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_strategic_plans"),
        schema="budgeting",
    )
    op.create_index(
        "ix_known_strategic_plans_org_id_start_year_end_year",
        "known_strategic_plans",
        ["org_id", "start_year", "end_year"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "known_assessments")
    secure_tenant_table(op, "known_ppas")
    secure_tenant_table(op, "known_strategic_plans")


def downgrade() -> None:
    op.drop_index(
        "ix_known_strategic_plans_org_id_start_year_end_year",
        table_name="known_strategic_plans",
        schema="budgeting",
    )
    op.drop_table("known_strategic_plans", schema="budgeting")
    op.drop_index("ix_known_ppas_org_id_fiscal_year", table_name="known_ppas", schema="budgeting")
    op.drop_table("known_ppas", schema="budgeting")
    op.drop_index(
        "ix_known_assessments_org_id_fiscal_year",
        table_name="known_assessments",
        schema="budgeting",
    )
    op.drop_table("known_assessments", schema="budgeting")
