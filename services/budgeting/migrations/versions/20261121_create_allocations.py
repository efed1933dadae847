"""create allocations"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_0004"
down_revision = "budgeting_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appropriation_items",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_org_id", sa.Uuid(), nullable=False),
        sa.Column("appropriation_id", sa.Uuid(), nullable=False),
        sa.Column("act_item_id", sa.Uuid(), nullable=False),
        sa.Column("act_reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("program_title", sa.Text(), nullable=False),
        sa.Column("prexc_code", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("special_provision", sa.Text(), nullable=False),
        sa.Column("is_for_later_release", sa.Boolean(), nullable=False),
        sa.Column("is_lump_sum", sa.Boolean(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("enacted_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("appropriated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("allocated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "expense_class IN ('ps', 'mooe', 'fe', 'co')",
            name=op.f("ck_appropriation_items_expense_class"),
        ),
        sa.CheckConstraint(
            "kind IN ('general', 'supplemental', 'continuing', 'automatic')",
            name=op.f("ck_appropriation_items_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('current', 'lapsed')", name=op.f("ck_appropriation_items_status")
        ),
        sa.CheckConstraint(
            "allocated_amount BETWEEN 0 AND appropriated_amount",
            name=op.f("ck_appropriation_items_balances"),
        ),
        sa.CheckConstraint(
            "appropriated_amount BETWEEN 0 AND 9999999999999999.99",
            name=op.f("ck_appropriation_items_appropriated"),
        ),
        sa.CheckConstraint(
            "enacted_amount BETWEEN 0.01 AND 9999999999999999.99",
            name=op.f("ck_appropriation_items_enacted"),
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_appropriation_items_fiscal_year")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_appropriation_items")),
        sa.UniqueConstraint(
            "org_id",
            "issuer_org_id",
            "act_item_id",
            name=op.f("uq_appropriation_items_org_id_issuer_org_id_act_item_id"),
        ),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_appropriation_items_org_id_created_at_id"),
        "appropriation_items",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_appropriation_items_org_id_fiscal_year_expense_class"),
        "appropriation_items",
        ["org_id", "fiscal_year", "expense_class"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "allocations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appropriation_item_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("program_title", sa.Text(), nullable=False),
        sa.Column("ppa_id", sa.Uuid(), nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("allocated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("allotted_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("obligated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("disbursed_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status <> 'cancelled' OR allocated_amount = 0", name=op.f("ck_allocations_cancelled")
        ),
        sa.CheckConstraint(
            "status <> 'draft' OR allocated_amount = 0", name=op.f("ck_allocations_unapproved")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'closed', 'cancelled')",
            name=op.f("ck_allocations_status"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'cancelled') OR approved_at IS NOT NULL",
            name=op.f("ck_allocations_approved_known"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_allocations_approved")
        ),
        sa.CheckConstraint(
            "allocated_amount BETWEEN 0 AND 9999999999999999.99",
            name=op.f("ck_allocations_allocated"),
        ),
        sa.CheckConstraint(
            "allotted_amount BETWEEN 0 AND allocated_amount", name=op.f("ck_allocations_allotted")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_allocations_amount")
        ),
        sa.CheckConstraint(
            "approved_by <> created_by AND approved_by <> prepared_by",
            name=op.f("ck_allocations_approver"),
        ),
        sa.CheckConstraint(
            "disbursed_amount BETWEEN 0 AND obligated_amount", name=op.f("ck_allocations_disbursed")
        ),
        sa.CheckConstraint(
            "obligated_amount BETWEEN 0 AND allotted_amount", name=op.f("ck_allocations_obligated")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "appropriation_item_id"],
            ["budgeting.appropriation_items.org_id", "budgeting.appropriation_items.id"],
            name=op.f("fk_allocations_org_id_appropriation_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "program_id"],
            ["budgeting.programs.org_id", "budgeting.programs.id"],
            name=op.f("fk_allocations_org_id_program_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_allocations")),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_allocations_org_id_created_at_id"),
        "allocations",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_allocations_org_id_program_id"),
        "allocations",
        ["org_id", "program_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_allocations_program",
        "allocations",
        ["org_id", "appropriation_item_id", "program_id", "program_title"],
        unique=True,
        schema="budgeting",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    secure_tenant_table(op, "appropriation_items")
    secure_tenant_table(op, "allocations")


def downgrade() -> None:
    op.drop_index(
        "uq_allocations_program",
        table_name="allocations",
        schema="budgeting",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.drop_index(
        op.f("ix_allocations_org_id_program_id"), table_name="allocations", schema="budgeting"
    )
    op.drop_index(
        op.f("ix_allocations_org_id_created_at_id"), table_name="allocations", schema="budgeting"
    )
    op.drop_table("allocations", schema="budgeting")
    op.drop_index(
        op.f("ix_appropriation_items_org_id_fiscal_year_expense_class"),
        table_name="appropriation_items",
        schema="budgeting",
    )
    op.drop_index(
        op.f("ix_appropriation_items_org_id_created_at_id"),
        table_name="appropriation_items",
        schema="budgeting",
    )
    op.drop_table("appropriation_items", schema="budgeting")
