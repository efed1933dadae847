"""raise alerts"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_prep_0017"
down_revision = "budgeting_prep_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_type", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "alert_type IN ('ceiling', 'approval_stuck', 'release_overdue', 'lapsing',"
            " 'unpaid_due', 'work_item_late')",
            name=op.f("ck_alerts_type"),
        ),
        sa.CheckConstraint("severity IN ('warning', 'critical')", name=op.f("ck_alerts_severity")),
        sa.CheckConstraint("cleared_at >= created_at", name=op.f("ck_alerts_cleared")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_alerts"),
        schema="budgeting",
    )
    op.create_index(
        "ix_alerts_org_id_created_at_id",
        "alerts",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["org_id", "alert_type", "subject_id"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    secure_tenant_table(op, "alerts")


def downgrade() -> None:
    op.drop_index(
        "uq_alerts_open",
        table_name="alerts",
        schema="budgeting",
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.drop_index("ix_alerts_org_id_created_at_id", table_name="alerts", schema="budgeting")
    op.drop_table("alerts", schema="budgeting")
