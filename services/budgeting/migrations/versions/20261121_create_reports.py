"""create reports"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_g008"
down_revision = "budgeting_f007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("group_by", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("content_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_reports_hash")),
        sa.CheckConstraint(
            "kind IN ('saaodb', 'raod', 'status', 'payables', 'lapsing', 'progress', 'proposal_book')",
            name=op.f("ck_reports_kind"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_reports_number")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_reports"),
        sa.UniqueConstraint(
            "org_id",
            "kind",
            "fiscal_year",
            "number",
            name="uq_reports_org_id_kind_fiscal_year_number",
        ),
        schema="budgeting",
    )
    op.create_index(
        "ix_reports_org_id_content_hash",
        "reports",
        ["org_id", "content_hash"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_reports_org_id_created_at_id",
        "reports",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "reports", append_only=True)


def downgrade() -> None:
    op.drop_index("ix_reports_org_id_created_at_id", table_name="reports", schema="budgeting")
    op.drop_index("ix_reports_org_id_content_hash", table_name="reports", schema="budgeting")
    op.drop_table("reports", schema="budgeting")
