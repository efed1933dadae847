"""create ledger"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "budgeting_ledger_0005"
down_revision = "budgeting_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_tiers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("up_to_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("role ~ '[^[:space:]]'", name=op.f("ck_approval_tiers_role")),
        sa.CheckConstraint(
            "up_to_amount BETWEEN 0.01 AND 9999999999999999.99",
            name=op.f("ck_approval_tiers_up_to"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_approval_tiers"),
        sa.UniqueConstraint("org_id", "role", name="uq_approval_tiers_org_id_role"),
        schema="budgeting",
    )
    op.create_table(
        "fiscal_periods",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_fiscal_periods_closed")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'soft_closed', 'closed')", name=op.f("ck_fiscal_periods_status")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_fiscal_periods_closer")
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_fiscal_periods_fiscal_year")
        ),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_fiscal_periods_month")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_fiscal_periods"),
        sa.UniqueConstraint(
            "org_id", "fiscal_year", "month", name="uq_fiscal_periods_org_id_fiscal_year_month"
        ),
        schema="budgeting",
    )
    op.create_table(
        "number_series",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_number >= 1", name=op.f("ck_number_series_last_number")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_number_series"),
        sa.UniqueConstraint(
            "org_id", "series", "fiscal_year", name="uq_number_series_org_id_series_fiscal_year"
        ),
        schema="budgeting",
    )
    op.create_table(
        "payees",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payee_type", sa.Text(), nullable=False),
        sa.Column("tin", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("name ~ '[^[:space:]]'", name=op.f("ck_payees_name")),
        sa.CheckConstraint(
            "payee_type IN ('supplier', 'contractor', 'employee', 'agency', 'beneficiary', 'other')",
            name=op.f("ck_payees_payee_type"),
        ),
        sa.CheckConstraint("tin ~ '^([0-9]{9}|[0-9]{12}|[0-9]{14})$'", name=op.f("ck_payees_tin")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_payees"),
        schema="budgeting",
    )
    op.create_index(
        "ix_payees_org_id_created_at_id",
        "payees",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_payees_tin",
        "payees",
        ["org_id", "tin"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("tin IS NOT NULL"),
    )
    op.create_table(
        "allotments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("release_number", sa.Integer(), nullable=True),
        sa.Column("release_reference", sa.Text(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("release_org_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "allotted_amount",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "reserved_amount",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "obligated_amount",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "disbursed_amount",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind = 'comprehensive' OR quarter IS NOT NULL", name=op.f("ck_allotments_period")
        ),
        sa.CheckConstraint(
            "kind IN ('regular', 'comprehensive', 'sub_allotment')", name=op.f("ck_allotments_kind")
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR allotted_amount = 0", name=op.f("ck_allotments_cancelled")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'released', 'closed', 'cancelled')",
            name=op.f("ck_allotments_status"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'cancelled') OR approved_at IS NOT NULL",
            name=op.f("ck_allotments_approved_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('pending', 'approved') OR allotted_amount = 0",
            name=op.f("ck_allotments_unreleased"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('released', 'closed') OR released_at IS NOT NULL",
            name=op.f("ck_allotments_released_known"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_allotments_approved")
        ),
        sa.CheckConstraint(
            "(released_at IS NULL) = (release_number IS NULL)", name=op.f("ck_allotments_released")
        ),
        sa.CheckConstraint(
            "allotted_amount <= 9999999999999999.99", name=op.f("ck_allotments_allotted")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_allotments_amount")
        ),
        sa.CheckConstraint("approved_by <> created_by", name=op.f("ck_allotments_approver")),
        sa.CheckConstraint(
            "disbursed_amount BETWEEN 0 AND obligated_amount", name=op.f("ck_allotments_disbursed")
        ),
        sa.CheckConstraint(
            "obligated_amount + reserved_amount <= allotted_amount",
            name=op.f("ck_allotments_balances"),
        ),
        sa.CheckConstraint("obligated_amount >= 0", name=op.f("ck_allotments_obligated")),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_allotments_quarter")),
        sa.CheckConstraint("reserved_amount >= 0", name=op.f("ck_allotments_reserved")),
        sa.ForeignKeyConstraint(
            ["org_id", "allocation_id"],
            ["budgeting.allocations.org_id", "budgeting.allocations.id"],
            name="fk_allotments_org_id_allocation_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_allotments"),
        sa.UniqueConstraint(
            "org_id",
            "fiscal_year",
            "release_number",
            name="uq_allotments_org_id_fiscal_year_release_number",
        ),
        schema="budgeting",
    )
    op.create_index(
        "ix_allotments_org_id_allocation_id",
        "allotments",
        ["org_id", "allocation_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_allotments_org_id_created_at_id",
        "allotments",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "work_items",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("ppa_id", sa.Uuid(), nullable=True),
        sa.Column("planning_work_item_id", sa.Uuid(), nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("q1_quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("q2_quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("q3_quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("q4_quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("estimated_cost_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("q1_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("q2_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("q3_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("q4_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("target_completion_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("accomplished_quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'in_progress', 'completed', 'cancelled')",
            name=op.f("ck_work_items_status"),
        ),
        sa.CheckConstraint(
            "accomplished_quantity BETWEEN 0 AND 999999999.999",
            name=op.f("ck_work_items_accomplished"),
        ),
        sa.CheckConstraint(
            "estimated_cost_amount BETWEEN 0.01 AND 9999999999999999.99",
            name=op.f("ck_work_items_cost"),
        ),
        sa.CheckConstraint(
            "least(q1_amount, q2_amount, q3_amount, q4_amount) >= 0 AND q1_amount + q2_amount + q3_amount + q4_amount = estimated_cost_amount",
            name=op.f("ck_work_items_costs"),
        ),
        sa.CheckConstraint(
            "least(q1_quantity, q2_quantity, q3_quantity, q4_quantity) >= 0 AND q1_quantity + q2_quantity + q3_quantity + q4_quantity = quantity",
            name=op.f("ck_work_items_quantities"),
        ),
        sa.CheckConstraint(
            "quantity > 0 AND quantity <= 999999999.999", name=op.f("ck_work_items_quantity")
        ),
        sa.CheckConstraint(
            "target_completion_on >= make_date(fiscal_year, 1, 1)",
            name=op.f("ck_work_items_target"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "allocation_id"],
            ["budgeting.allocations.org_id", "budgeting.allocations.id"],
            name="fk_work_items_org_id_allocation_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_work_items"),
        sa.UniqueConstraint(
            "org_id", "allocation_id", "code", name="uq_work_items_org_id_allocation_id_code"
        ),
        schema="budgeting",
    )
    op.create_index(
        "ix_work_items_org_id_created_at_id",
        "work_items",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "obligations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=True),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("fund_code", sa.Text(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=True),
        sa.Column("particulars", sa.Text(), nullable=False),
        sa.Column("obligation_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("ors_number", sa.Text(), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("certified_by", sa.Uuid(), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("obligated_by", sa.Uuid(), nullable=True),
        sa.Column("obligated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column(
            "obligated_amount",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "disbursed_amount",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancel_reason <> '')",
            name=op.f("ck_obligations_cancel_reason"),
        ),
        sa.CheckConstraint(
            "document_kind IN ('purchase_order', 'contract', 'payroll', 'travel', 'service_order', 'agreement', 'other')",
            name=op.f("ck_obligations_document_kind"),
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR obligated_amount = 0", name=op.f("ck_obligations_cancelled")
        ),
        sa.CheckConstraint(
            "status <> 'obligated' OR ors_number IS NOT NULL",
            name=op.f("ck_obligations_numbered_known"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'certified', 'obligated', 'cancelled')",
            name=op.f("ck_obligations_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('certified', 'obligated') OR certified_at IS NOT NULL",
            name=op.f("ck_obligations_certified_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('draft', 'certified') OR obligated_amount = 0",
            name=op.f("ck_obligations_unposted"),
        ),
        sa.CheckConstraint(
            "(certified_at IS NULL) = (certified_by IS NULL)", name=op.f("ck_obligations_certified")
        ),
        sa.CheckConstraint(
            "(obligated_at IS NULL) = (ors_number IS NULL)", name=op.f("ck_obligations_numbered")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_obligations_amount")
        ),
        sa.CheckConstraint(
            "certified_by <> created_by AND certified_by <> prepared_by",
            name=op.f("ck_obligations_certifier"),
        ),
        sa.CheckConstraint(
            "disbursed_amount BETWEEN 0 AND obligated_amount", name=op.f("ck_obligations_balances")
        ),
        sa.CheckConstraint(
            "obligated_amount <= 9999999999999999.99", name=op.f("ck_obligations_obligated")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "allocation_id"],
            ["budgeting.allocations.org_id", "budgeting.allocations.id"],
            name="fk_obligations_org_id_allocation_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "allotment_id"],
            ["budgeting.allotments.org_id", "budgeting.allotments.id"],
            name="fk_obligations_org_id_allotment_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "payee_id"],
            ["budgeting.payees.org_id", "budgeting.payees.id"],
            name="fk_obligations_org_id_payee_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "work_item_id"],
            ["budgeting.work_items.org_id", "budgeting.work_items.id"],
            name="fk_obligations_org_id_work_item_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_obligations"),
        sa.UniqueConstraint("org_id", "ors_number", name="uq_obligations_org_id_ors_number"),
        schema="budgeting",
    )
    op.create_index(
        "ix_obligations_org_id_allotment_id",
        "obligations",
        ["org_id", "allotment_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_obligations_org_id_created_at_id",
        "obligations",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "disbursements",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("gross_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("withholding_tax_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("other_deductions_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("payment_method", sa.Text(), nullable=False),
        sa.Column("particulars", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("dv_number", sa.Integer(), nullable=True),
        sa.Column("ada_number", sa.Text(), nullable=False),
        sa.Column("check_number", sa.Text(), nullable=False),
        sa.Column("jev_number", sa.Text(), nullable=False),
        sa.Column("certified_by", sa.Uuid(), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'void') = (voided_on IS NOT NULL)", name=op.f("ck_disbursements_void")
        ),
        sa.CheckConstraint(
            "(status IN ('paid', 'void')) = (paid_on IS NOT NULL) AND (paid_on IS NULL) = (paid_by IS NULL)",
            name=op.f("ck_disbursements_paid_known"),
        ),
        sa.CheckConstraint(
            "(status IN ('void', 'cancelled')) = (end_reason <> '')",
            name=op.f("ck_disbursements_reason"),
        ),
        sa.CheckConstraint(
            "payment_method IN ('lddap_ada', 'check', 'bank_transfer', 'cash', 'cash_advance', 'payroll', 'other')",
            name=op.f("ck_disbursements_payment_method"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'cancelled') OR dv_number IS NOT NULL",
            name=op.f("ck_disbursements_numbered"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'for_certification', 'approved', 'paid', 'void', 'cancelled')",
            name=op.f("ck_disbursements_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'paid', 'void') OR (certified_at IS NOT NULL AND approved_at IS NOT NULL)",
            name=op.f("ck_disbursements_approved_known"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_disbursements_approved")
        ),
        sa.CheckConstraint(
            "(certified_at IS NULL) = (certified_by IS NULL)",
            name=op.f("ck_disbursements_certified"),
        ),
        sa.CheckConstraint(
            "approved_by NOT IN (created_by, certified_by)", name=op.f("ck_disbursements_approver")
        ),
        sa.CheckConstraint("certified_by <> created_by", name=op.f("ck_disbursements_certifier")),
        sa.CheckConstraint(
            "gross_amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_disbursements_gross")
        ),
        sa.CheckConstraint(
            "net_amount >= 0 AND net_amount = gross_amount - withholding_tax_amount - other_deductions_amount",
            name=op.f("ck_disbursements_net"),
        ),
        sa.CheckConstraint(
            "other_deductions_amount BETWEEN 0 AND gross_amount",
            name=op.f("ck_disbursements_deductions"),
        ),
        sa.CheckConstraint(
            "paid_by NOT IN (certified_by, approved_by)", name=op.f("ck_disbursements_payer")
        ),
        sa.CheckConstraint(
            "withholding_tax_amount BETWEEN 0 AND gross_amount",
            name=op.f("ck_disbursements_withholding"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "obligation_id"],
            ["budgeting.obligations.org_id", "budgeting.obligations.id"],
            name="fk_disbursements_org_id_obligation_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_disbursements"),
        sa.UniqueConstraint(
            "org_id",
            "fiscal_year",
            "dv_number",
            name="uq_disbursements_org_id_fiscal_year_dv_number",
        ),
        schema="budgeting",
    )
    op.create_index(
        "ix_disbursements_org_id_created_at_id",
        "disbursements",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_disbursements_org_id_obligation_id",
        "disbursements",
        ["org_id", "obligation_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_disbursements_ada_number",
        "disbursements",
        ["org_id", "ada_number"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("ada_number <> ''"),
    )
    op.create_index(
        "uq_disbursements_check_number",
        "disbursements",
        ["org_id", "check_number"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("check_number <> ''"),
    )
    op.create_table(
        "obligation_lines",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("display_order", sa.Integer(), nullable=False),
        sa.Column("object_code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "object_code ~ '^[0-9]{8}([0-9]{2})?$'", name=op.f("ck_obligation_lines_object_code")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_obligation_lines_amount")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "obligation_id"],
            ["budgeting.obligations.org_id", "budgeting.obligations.id"],
            name="fk_obligation_lines_org_id_obligation_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_obligation_lines"),
        schema="budgeting",
    )
    op.create_index(
        "ix_obligation_lines_org_id_obligation_id_display_order",
        "obligation_lines",
        ["org_id", "obligation_id", "display_order"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "postings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("balance_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=True),
        sa.Column("allotment_id", sa.Uuid(), nullable=True),
        sa.Column("obligation_id", sa.Uuid(), nullable=True),
        sa.Column("disbursement_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN kind LIKE 'appropria%' THEN num_nonnulls(allocation_id, allotment_id, obligation_id, disbursement_id) = 0 WHEN kind LIKE 'alloca%' THEN allocation_id IS NOT NULL AND num_nonnulls(allotment_id, obligation_id, disbursement_id) = 0 WHEN kind LIKE 'allot%' THEN allotment_id IS NOT NULL AND num_nonnulls(obligation_id, disbursement_id) = 0 WHEN kind LIKE 'disburse%' THEN disbursement_id IS NOT NULL ELSE obligation_id IS NOT NULL AND disbursement_id IS NULL END",
            name=op.f("ck_postings_level"),
        ),
        sa.CheckConstraint(
            "kind IN ('appropriated', 'appropriation_adjusted', 'allocated', 'allocation_adjusted', 'allotted', 'allotment_adjusted', 'reserved', 'reservation_released', 'obligated', 'obligation_adjusted', 'disbursed', 'disbursement_voided')",
            name=op.f("ck_postings_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('appropriated', 'allocated', 'allotted', 'reserved', 'obligated', 'disbursed') OR amount > 0",
            name=op.f("ck_postings_first"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('reservation_released', 'disbursement_voided') OR amount < 0",
            name=op.f("ck_postings_back"),
        ),
        sa.CheckConstraint(
            "kind NOT LIKE '%_adjusted' OR reason ~ '[^[:space:]]'",
            name=op.f("ck_postings_adjusted"),
        ),
        sa.CheckConstraint("reference ~ '[^[:space:]]'", name=op.f("ck_postings_reference")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_postings_zero")),
        sa.CheckConstraint(
            "amount BETWEEN -9999999999999999.99 AND 9999999999999999.99",
            name=op.f("ck_postings_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "allocation_id"],
            ["budgeting.allocations.org_id", "budgeting.allocations.id"],
            name="fk_postings_org_id_allocation_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "allotment_id"],
            ["budgeting.allotments.org_id", "budgeting.allotments.id"],
            name="fk_postings_org_id_allotment_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "disbursement_id"],
            ["budgeting.disbursements.org_id", "budgeting.disbursements.id"],
            name="fk_postings_org_id_disbursement_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["budgeting.appropriation_items.org_id", "budgeting.appropriation_items.id"],
            name="fk_postings_org_id_item_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "obligation_id"],
            ["budgeting.obligations.org_id", "budgeting.obligations.id"],
            name="fk_postings_org_id_obligation_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "reverses_id"],
            ["budgeting.postings.org_id", "budgeting.postings.id"],
            name="fk_postings_org_id_reverses_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_postings"),
        schema="budgeting",
    )
    op.create_index(
        "ix_postings_org_id_allotment_id",
        "postings",
        ["org_id", "allotment_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_postings_org_id_created_at_id",
        "postings",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_postings_org_id_fiscal_year_posted_on",
        "postings",
        ["org_id", "fiscal_year", "posted_on"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_postings_org_id_item_id",
        "postings",
        ["org_id", "item_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_postings_org_id_obligation_id",
        "postings",
        ["org_id", "obligation_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_postings_reverses",
        "postings",
        ["org_id", "reverses_id"],
        unique=True,
        schema="budgeting",
    )
    op.create_table(
        "ledgers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = org_id", name=op.f("ck_ledgers_own")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_ledgers")),
        schema="budgeting",
    )
    secure_tenant_table(op, "ledgers", append_only=True)
    # Whoever proves all ledgers must know whose there are; the row holds nothing else.
    share_for_select(
        op,
        "ledgers",
        name="oversight",
        using="(SELECT current_setting('app.oversight', true)) = 'on'",
    )
    secure_tenant_table(op, "approval_tiers")
    secure_tenant_table(op, "fiscal_periods")
    secure_tenant_table(op, "number_series")
    secure_tenant_table(op, "payees")
    secure_tenant_table(op, "allotments")
    secure_tenant_table(op, "work_items")
    secure_tenant_table(op, "obligations")
    secure_tenant_table(op, "disbursements")
    secure_tenant_table(op, "obligation_lines")
    secure_tenant_table(op, "postings", append_only=True)


def downgrade() -> None:
    op.drop_table("ledgers", schema="budgeting")
    op.drop_index("uq_postings_reverses", table_name="postings", schema="budgeting")
    op.drop_index("ix_postings_org_id_obligation_id", table_name="postings", schema="budgeting")
    op.drop_index("ix_postings_org_id_item_id", table_name="postings", schema="budgeting")
    op.drop_index(
        "ix_postings_org_id_fiscal_year_posted_on", table_name="postings", schema="budgeting"
    )
    op.drop_index("ix_postings_org_id_created_at_id", table_name="postings", schema="budgeting")
    op.drop_index("ix_postings_org_id_allotment_id", table_name="postings", schema="budgeting")
    op.drop_table("postings", schema="budgeting")
    op.drop_index(
        "ix_obligation_lines_org_id_obligation_id_display_order",
        table_name="obligation_lines",
        schema="budgeting",
    )
    op.drop_table("obligation_lines", schema="budgeting")
    op.drop_index(
        "uq_disbursements_check_number",
        table_name="disbursements",
        schema="budgeting",
        postgresql_where=sa.text("check_number <> ''"),
    )
    op.drop_index(
        "uq_disbursements_ada_number",
        table_name="disbursements",
        schema="budgeting",
        postgresql_where=sa.text("ada_number <> ''"),
    )
    op.drop_index(
        "ix_disbursements_org_id_obligation_id", table_name="disbursements", schema="budgeting"
    )
    op.drop_index(
        "ix_disbursements_org_id_created_at_id", table_name="disbursements", schema="budgeting"
    )
    op.drop_table("disbursements", schema="budgeting")
    op.drop_index(
        "ix_obligations_org_id_created_at_id", table_name="obligations", schema="budgeting"
    )
    op.drop_index(
        "ix_obligations_org_id_allotment_id", table_name="obligations", schema="budgeting"
    )
    op.drop_table("obligations", schema="budgeting")
    op.drop_index("ix_work_items_org_id_created_at_id", table_name="work_items", schema="budgeting")
    op.drop_table("work_items", schema="budgeting")
    op.drop_index("ix_allotments_org_id_created_at_id", table_name="allotments", schema="budgeting")
    op.drop_index("ix_allotments_org_id_allocation_id", table_name="allotments", schema="budgeting")
    op.drop_table("allotments", schema="budgeting")
    op.drop_index(
        "uq_payees_tin",
        table_name="payees",
        schema="budgeting",
        postgresql_where=sa.text("tin IS NOT NULL"),
    )
    op.drop_index("ix_payees_org_id_created_at_id", table_name="payees", schema="budgeting")
    op.drop_table("payees", schema="budgeting")
    op.drop_table("number_series", schema="budgeting")
    op.drop_table("fiscal_periods", schema="budgeting")
    op.drop_table("approval_tiers", schema="budgeting")
