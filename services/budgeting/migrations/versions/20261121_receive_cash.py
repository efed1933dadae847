"""receive cash"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_cash_0021"
down_revision = "budgeting_savings_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cash_allocations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column(
            "used_amount",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "funding_source IN ('block_grant', 'national_tax_share', 'regional_taxes', 'special_development_fund', 'transitional_development_fund', 'prior_year_savings', 'grants_and_oda', 'others')",
            name=op.f("ck_cash_allocations_funding_source"),
        ),
        sa.CheckConstraint("number ~ '[^[:space:]]'", name=op.f("ck_cash_allocations_number")),
        sa.CheckConstraint(
            "status <> 'cancelled' OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_cash_allocations_cancelled"),
        ),
        sa.CheckConstraint(
            "status <> 'confirmed' OR approved_at IS NOT NULL",
            name=op.f("ck_cash_allocations_approved_known"),
        ),
        sa.CheckConstraint(
            "status = 'confirmed' OR used_amount = 0", name=op.f("ck_cash_allocations_unused")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'confirmed', 'cancelled')",
            name=op.f("ck_cash_allocations_status"),
        ),
        sa.CheckConstraint(
            "valid_until = (make_date(fiscal_year, quarter * 3, 1) + interval '1 month' - interval '1 day')::date",
            name=op.f("ck_cash_allocations_valid_until"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)",
            name=op.f("ck_cash_allocations_approved"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_cash_allocations_amount")
        ),
        sa.CheckConstraint("approved_by <> created_by", name=op.f("ck_cash_allocations_approver")),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_cash_allocations_fiscal_year")
        ),
        sa.CheckConstraint(
            "month BETWEEN quarter * 3 - 2 AND quarter * 3", name=op.f("ck_cash_allocations_month")
        ),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_cash_allocations_quarter")),
        sa.CheckConstraint(
            "used_amount BETWEEN 0 AND amount", name=op.f("ck_cash_allocations_used")
        ),
        sa.CheckConstraint(
            "valid_from = make_date(fiscal_year, coalesce(month, quarter * 3 - 2), 1)",
            name=op.f("ck_cash_allocations_valid_from"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_cash_allocations"),
        sa.UniqueConstraint("org_id", "number", name="uq_cash_allocations_org_id_number"),
        schema="budgeting",
    )
    op.create_index(
        "ix_cash_allocations_org_id_created_at_id",
        "cash_allocations",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_cash_allocations_org_id_funding_source_valid_until",
        "cash_allocations",
        ["org_id", "funding_source", "valid_until"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "cash_ceilings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_enforced", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason ~ '[^[:space:]]'", name=op.f("ck_cash_ceilings_reason")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_cash_ceilings"),
        schema="budgeting",
    )
    op.create_index(
        "ix_cash_ceilings_org_id_created_at_id",
        "cash_ceilings",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "cash_charges",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cash_allocation_id", sa.Uuid(), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("charged_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_cash_charges_zero")),
        sa.CheckConstraint(
            "amount BETWEEN -9999999999999999.99 AND 9999999999999999.99",
            name=op.f("ck_cash_charges_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "cash_allocation_id"],
            ["budgeting.cash_allocations.org_id", "budgeting.cash_allocations.id"],
            name="fk_cash_charges_org_id_cash_allocation_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "disbursement_id"],
            ["budgeting.disbursements.org_id", "budgeting.disbursements.id"],
            name="fk_cash_charges_org_id_disbursement_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_cash_charges"),
        schema="budgeting",
    )
    op.create_index(
        "ix_cash_charges_org_id_cash_allocation_id",
        "cash_charges",
        ["org_id", "cash_allocation_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_cash_charges_disbursement",
        "cash_charges",
        ["org_id", "disbursement_id", sa.literal_column("(amount > 0)")],
        unique=True,
        schema="budgeting",
    )
    secure_tenant_table(op, "cash_allocations")
    secure_tenant_table(op, "cash_ceilings", append_only=True)
    secure_tenant_table(op, "cash_charges", append_only=True)
    # Like a balance of the ledger: it moves by a charge alone, within its fence and its time.
    op.execute("""
CREATE FUNCTION budgeting.apply_cash_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.org_id IS DISTINCT FROM nullif(current_setting('app.org_id', true), '')::uuid THEN
        RETURN NEW;  -- the policy refuses it
    END IF;
    UPDATE budgeting.cash_allocations SET used_amount = used_amount + NEW.amount,
        version = version + 1, updated_at = NEW.created_at, updated_by = NEW.created_by
    WHERE org_id = NEW.org_id AND id = NEW.cash_allocation_id AND status = 'confirmed'
        AND (NEW.amount < 0 OR NEW.charged_on BETWEEN valid_from AND valid_until);
    IF NOT FOUND AND EXISTS (
        SELECT FROM budgeting.cash_allocations
        WHERE org_id = NEW.org_id AND id = NEW.cash_allocation_id
    ) THEN  -- what does not exist, the foreign key refuses
        RAISE EXCEPTION 'the cash allocation takes no charge on this day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_cash_charges_valid';
    END IF;
    RETURN NEW;
END $$""")
    op.execute("""
CREATE TRIGGER apply BEFORE INSERT ON budgeting.cash_charges
FOR EACH ROW EXECUTE FUNCTION budgeting.apply_cash_charge()""")
    op.execute("""
CREATE TRIGGER keep_balances_on_insert AFTER INSERT ON budgeting.cash_allocations
FOR EACH ROW WHEN (NEW.used_amount <> 0) EXECUTE FUNCTION budgeting.keep_balances()""")
    op.execute("""
CREATE TRIGGER keep_balances_on_update BEFORE UPDATE ON budgeting.cash_allocations
FOR EACH ROW WHEN (NEW.used_amount <> OLD.used_amount)
EXECUTE FUNCTION budgeting.keep_balances()""")


def downgrade() -> None:
    op.drop_index("uq_cash_charges_disbursement", table_name="cash_charges", schema="budgeting")
    op.drop_index(
        "ix_cash_charges_org_id_cash_allocation_id", table_name="cash_charges", schema="budgeting"
    )
    op.drop_table("cash_charges", schema="budgeting")
    op.drop_index(
        "ix_cash_ceilings_org_id_created_at_id", table_name="cash_ceilings", schema="budgeting"
    )
    op.drop_table("cash_ceilings", schema="budgeting")
    op.drop_index(
        "ix_cash_allocations_org_id_funding_source_valid_until",
        table_name="cash_allocations",
        schema="budgeting",
    )
    op.drop_index(
        "ix_cash_allocations_org_id_created_at_id",
        table_name="cash_allocations",
        schema="budgeting",
    )
    op.drop_table("cash_allocations", schema="budgeting")
    op.execute("DROP FUNCTION budgeting.apply_cash_charge()")
