"""move money"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_f008"
down_revision = "budgeting_g009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "realignments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("from_item_id", sa.Uuid(), nullable=True),
        sa.Column("to_item_id", sa.Uuid(), nullable=True),
        sa.Column("from_allocation_id", sa.Uuid(), nullable=True),
        sa.Column("to_allocation_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('applied', 'rejected')) = (decided_at IS NOT NULL)",
            name=op.f("ck_realignments_decided_known"),
        ),
        sa.CheckConstraint("reason ~ '[^[:space:]]'", name=op.f("ck_realignments_reason")),
        sa.CheckConstraint(
            "status <> 'rejected' OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_realignments_remarks_given"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'applied', 'rejected')",
            name=op.f("ck_realignments_status"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_realignments_decided")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_realignments_amount")
        ),
        sa.CheckConstraint(
            "decided_by <> created_by AND decided_by <> prepared_by",
            name=op.f("ck_realignments_decider"),
        ),
        sa.CheckConstraint(
            "from_item_id <> to_item_id OR from_allocation_id <> to_allocation_id",
            name=op.f("ck_realignments_different"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(from_item_id, to_item_id) IN (0, 2) AND num_nonnulls(from_allocation_id, to_allocation_id) IN (0, 2) AND num_nonnulls(from_item_id, from_allocation_id) = 1",
            name=op.f("ck_realignments_places"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "from_allocation_id"],
            ["budgeting.allocations.org_id", "budgeting.allocations.id"],
            name=op.f("fk_realignments_org_id_from_allocation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "from_item_id"],
            ["budgeting.appropriation_items.org_id", "budgeting.appropriation_items.id"],
            name=op.f("fk_realignments_org_id_from_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "to_allocation_id"],
            ["budgeting.allocations.org_id", "budgeting.allocations.id"],
            name=op.f("fk_realignments_org_id_to_allocation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "to_item_id"],
            ["budgeting.appropriation_items.org_id", "budgeting.appropriation_items.id"],
            name=op.f("fk_realignments_org_id_to_item_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_realignments")),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_realignments_org_id_created_at_id"),
        "realignments",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "realignments")


def downgrade() -> None:
    op.drop_index(
        op.f("ix_realignments_org_id_created_at_id"), table_name="realignments", schema="budgeting"
    )
    op.drop_table("realignments", schema="budgeting")
