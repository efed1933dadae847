"""remember cash"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "ocm_0004"
down_revision = "ocm_0003"
branch_labels = None
depends_on = None

OVERSIGHT = "(SELECT current_setting('app.oversight', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "known_cash_allocations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_cash_allocations"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_cash_allocations_org_id_fiscal_year_status",
        "known_cash_allocations",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="ocm",
    )
    secure_tenant_table(op, "known_cash_allocations")
    share_for_select(op, "known_cash_allocations", name="oversight", using=OVERSIGHT)


def downgrade() -> None:
    op.drop_index(
        "ix_known_cash_allocations_org_id_fiscal_year_status",
        table_name="known_cash_allocations",
        schema="ocm",
    )
    op.drop_table("known_cash_allocations", schema="ocm")
