"""import line items"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_lines_0006"
down_revision = "budgeting_f006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_item_imports",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("file_digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("applied_version", sa.Integer(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_added", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_removed", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_rejected", sa.Integer(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("differences", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rejections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'previewed') = (applied_at IS NULL)",
            name=op.f("ck_line_item_imports_applied"),
        ),
        sa.CheckConstraint(
            "(status = 'undone') = (undone_at IS NOT NULL)",
            name=op.f("ck_line_item_imports_undone"),
        ),
        sa.CheckConstraint(
            "status IN ('previewed', 'applied', 'undone')", name=op.f("ck_line_item_imports_status")
        ),
        sa.CheckConstraint(
            "least(rows_read, rows_added, rows_changed, rows_removed, rows_unchanged, rows_rejected) >= 0 AND rows_read = rows_added + rows_changed + rows_removed + rows_unchanged + rows_rejected",
            name=op.f("ck_line_item_imports_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "proposal_id"],
            ["budgeting.proposals.org_id", "budgeting.proposals.id"],
            name="fk_line_item_imports_org_id_proposal_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_line_item_imports"),
        schema="budgeting",
    )
    op.create_index(
        "ix_line_item_imports_org_id_proposal_id_created_at_id",
        "line_item_imports",
        ["org_id", "proposal_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "line_item_imports")


def downgrade() -> None:
    op.drop_index(
        "ix_line_item_imports_org_id_proposal_id_created_at_id",
        table_name="line_item_imports",
        schema="budgeting",
    )
    op.drop_table("line_item_imports", schema="budgeting")
