"""remember spending"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "ocm_0003"
down_revision = "ocm_0002"
branch_labels = None
depends_on = None

TABLES = (
    "known_allotments",
    "known_appropriation_items",
    "known_disbursements",
    "known_obligations",
)
OVERSIGHT = "(SELECT current_setting('app.oversight', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "known_allotments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("allotted_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_allotments"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_allotments_org_id_fiscal_year_status",
        "known_allotments",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_appropriation_items",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("appropriated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("allocated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_appropriation_items"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_appropriation_items_org_id_fiscal_year",
        "known_appropriation_items",
        ["org_id", "fiscal_year"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_disbursements",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("gross_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_disbursements"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_disbursements_org_id_fiscal_year_status",
        "known_disbursements",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="ocm",
    )
    op.create_index(
        "ix_known_disbursements_org_id_obligation_id",
        "known_disbursements",
        ["org_id", "obligation_id"],
        unique=False,
        schema="ocm",
    )
    op.create_table(
        "known_obligations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("obligation_on", sa.Date(), nullable=False),
        sa.Column("obligated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_obligations"),
        schema="ocm",
    )
    op.create_index(
        "ix_known_obligations_org_id_allotment_id",
        "known_obligations",
        ["org_id", "allotment_id"],
        unique=False,
        schema="ocm",
    )
    op.create_index(
        "ix_known_obligations_org_id_fiscal_year_status",
        "known_obligations",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="ocm",
    )
    for table in TABLES:
        secure_tenant_table(op, table)
        share_for_select(op, table, name="oversight", using=OVERSIGHT)


def downgrade() -> None:
    op.drop_index(
        "ix_known_obligations_org_id_fiscal_year_status",
        table_name="known_obligations",
        schema="ocm",
    )
    op.drop_index(
        "ix_known_obligations_org_id_allotment_id", table_name="known_obligations", schema="ocm"
    )
    op.drop_table("known_obligations", schema="ocm")
    op.drop_index(
        "ix_known_disbursements_org_id_obligation_id",
        table_name="known_disbursements",
        schema="ocm",
    )
    op.drop_index(
        "ix_known_disbursements_org_id_fiscal_year_status",
        table_name="known_disbursements",
        schema="ocm",
    )
    op.drop_table("known_disbursements", schema="ocm")
    op.drop_index(
        "ix_known_appropriation_items_org_id_fiscal_year",
        table_name="known_appropriation_items",
        schema="ocm",
    )
    op.drop_table("known_appropriation_items", schema="ocm")
    op.drop_index(
        "ix_known_allotments_org_id_fiscal_year_status", table_name="known_allotments", schema="ocm"
    )
    op.drop_table("known_allotments", schema="ocm")
