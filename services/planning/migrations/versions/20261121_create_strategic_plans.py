"""create strategic plans"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "planning_0002"
down_revision = "planning_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The exclusion constraint compares a uuid by GiST; the extension is a trusted one.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA planning")
    op.create_table(
        "strategic_plans",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("start_year", sa.Integer(), nullable=False),
        sa.Column("end_year", sa.Integer(), nullable=False),
        sa.Column("vision", sa.Text(), nullable=False),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("prepared_by", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("org_id"), "="),
            (sa.text("int4range(start_year, end_year, '[]')"), "&&"),
            where=sa.text("status = 'active'"),
            using="gist",
            name="ex_strategic_plans_one_active",
        ),
        sa.CheckConstraint(
            "NOT approved_by = ANY (prepared_by)",
            name=op.f("ck_strategic_plans_approver"),
        ),
        sa.CheckConstraint(
            "end_year > start_year AND end_year - start_year <= 10",
            name=op.f("ck_strategic_plans_period"),
        ),
        sa.CheckConstraint(
            "start_year >= 2020 AND end_year <= 2050", name=op.f("ck_strategic_plans_years")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_strategic_plans"),
        schema="planning",
    )
    op.create_index(
        "ix_strategic_plans_org_id_created_at_id",
        "strategic_plans",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="planning",
    )
    op.create_index(
        "ix_strategic_plans_org_id_status",
        "strategic_plans",
        ["org_id", "status"],
        unique=False,
        schema="planning",
    )
    op.create_table(
        "strategic_goals",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("display_order", sa.Integer(), nullable=False),
        sa.Column("target_metric", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("baseline_value", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("target_value", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("current_value", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "target_value IS NULL OR target_value > 0",
            name=op.f("ck_strategic_goals_target_positive"),
        ),
        sa.CheckConstraint(
            "weight IS NULL OR (weight >= 0 AND weight <= 100)",
            name=op.f("ck_strategic_goals_weight_percent"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_id"],
            ["planning.strategic_plans.org_id", "planning.strategic_plans.id"],
            name="fk_strategic_goals_org_id_plan_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_strategic_goals"),
        schema="planning",
    )
    op.create_index(
        "ix_strategic_goals_org_id_plan_id_display_order",
        "strategic_goals",
        ["org_id", "plan_id", "display_order"],
        unique=False,
        schema="planning",
    )
    op.create_table(
        "goal_readings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "goal_id"],
            ["planning.strategic_goals.org_id", "planning.strategic_goals.id"],
            name="fk_goal_readings_org_id_goal_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_goal_readings"),
        schema="planning",
    )
    op.create_index(
        "ix_goal_readings_org_id_goal_id_measured_on",
        "goal_readings",
        ["org_id", "goal_id", "measured_on"],
        unique=False,
        schema="planning",
    )
    secure_tenant_table(op, "strategic_plans")
    secure_tenant_table(op, "strategic_goals")
    secure_tenant_table(op, "goal_readings", append_only=True)


def downgrade() -> None:
    op.drop_index(
        "ix_goal_readings_org_id_goal_id_measured_on", table_name="goal_readings", schema="planning"
    )
    op.drop_table("goal_readings", schema="planning")
    op.drop_index(
        "ix_strategic_goals_org_id_plan_id_display_order",
        table_name="strategic_goals",
        schema="planning",
    )
    op.drop_table("strategic_goals", schema="planning")
    op.drop_index(
        "ix_strategic_plans_org_id_status", table_name="strategic_plans", schema="planning"
    )
    op.drop_index(
        "ix_strategic_plans_org_id_created_at_id", table_name="strategic_plans", schema="planning"
    )
    op.drop_table("strategic_plans", schema="planning")
