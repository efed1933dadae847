"""create releases"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "budgeting_g009"
down_revision = "budgeting_g008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("for_org_id", sa.Uuid(), nullable=False),
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'issued') = (number IS NOT NULL)", name=op.f("ck_releases_issued")
        ),
        sa.CheckConstraint("status IN ('draft', 'issued')", name=op.f("ck_releases_status")),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_releases_dated")
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (approved_by IS NULL)", name=op.f("ck_releases_approved")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_releases_amount")
        ),
        sa.CheckConstraint("approved_by <> created_by", name=op.f("ck_releases_approver")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_releases"),
        sa.UniqueConstraint(
            "org_id", "fiscal_year", "number", name="uq_releases_org_id_fiscal_year_number"
        ),
        schema="budgeting",
    )
    op.create_index(
        "ix_releases_org_id_created_at_id",
        "releases",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_releases_issued",
        "releases",
        ["org_id", "allotment_id"],
        unique=True,
        schema="budgeting",
    )
    secure_tenant_table(op, "releases")
    me = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"
    share_for_select(
        op, "releases", name="issued_to_us", using=f"for_org_id = {me} AND status = 'issued'"
    )
    share_for_select(op, "allotments", name="submitted_to_us", using=f"release_org_id = {me}")


def downgrade() -> None:
    op.execute("DROP POLICY submitted_to_us ON budgeting.allotments")
    op.drop_index("uq_releases_issued", table_name="releases", schema="budgeting")
    op.drop_index("ix_releases_org_id_created_at_id", table_name="releases", schema="budgeting")
    op.drop_table("releases", schema="budgeting")
