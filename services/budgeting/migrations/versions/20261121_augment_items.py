"""augment items"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "budgeting_savings_0020"
down_revision = "budgeting_prep_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "realignment_decisions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("for_org_id", sa.Uuid(), nullable=False),
        sa.Column("realignment_id", sa.Uuid(), nullable=False),
        sa.Column("from_act_item_id", sa.Uuid(), nullable=False),
        sa.Column("to_act_item_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
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
            "(status = 'issued') = (approved_by IS NOT NULL)",
            name=op.f("ck_realignment_decisions_issued"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'issued')", name=op.f("ck_realignment_decisions_status")
        ),
        sa.CheckConstraint(
            "verdict = 'approved' OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_realignment_decisions_remarks"),
        ),
        sa.CheckConstraint(
            "verdict IN ('approved', 'rejected')", name=op.f("ck_realignment_decisions_verdict")
        ),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_realignment_decisions_dated"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99",
            name=op.f("ck_realignment_decisions_amount"),
        ),
        sa.CheckConstraint(
            "approved_by <> created_by", name=op.f("ck_realignment_decisions_approver")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_realignment_decisions"),
        schema="budgeting",
    )
    op.create_index(
        "ix_realignment_decisions_org_id_created_at_id",
        "realignment_decisions",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_realignment_decisions_draft",
        "realignment_decisions",
        ["org_id", "realignment_id"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_table(
        "savings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("used_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_savings_decided_known")
        ),
        sa.CheckConstraint("reason ~ '[^[:space:]]'", name=op.f("ck_savings_reason")),
        sa.CheckConstraint(
            "status IN ('declared', 'cancelled') OR used_amount = 0", name=op.f("ck_savings_unused")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'declared', 'rejected', 'cancelled')",
            name=op.f("ck_savings_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('rejected', 'cancelled') OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_savings_remarks"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_savings_decided")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_savings_amount")
        ),
        sa.CheckConstraint("decided_by <> created_by", name=op.f("ck_savings_decider")),
        sa.CheckConstraint("used_amount BETWEEN 0 AND amount", name=op.f("ck_savings_used")),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["budgeting.appropriation_items.org_id", "budgeting.appropriation_items.id"],
            name="fk_savings_org_id_item_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_savings"),
        schema="budgeting",
    )
    op.create_index(
        "ix_savings_org_id_created_at_id",
        "savings",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_savings_org_id_item_id",
        "savings",
        ["org_id", "item_id"],
        unique=False,
        schema="budgeting",
    )
    op.add_column(
        "realignments", sa.Column("saving_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "realignments", sa.Column("decides_org_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "realignments", sa.Column("from_act_item_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column(
        "realignments", sa.Column("to_act_item_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.create_foreign_key(
        "fk_realignments_org_id_saving_id",
        "realignments",
        "savings",
        ["org_id", "saving_id"],
        ["org_id", "id"],
        source_schema="budgeting",
        referent_schema="budgeting",
    )
    secure_tenant_table(op, "realignment_decisions")
    secure_tenant_table(op, "savings")
    op.create_check_constraint(
        op.f("ck_realignments_saving"),
        "realignments",
        "saving_id IS NULL OR from_item_id IS NOT NULL",
        schema="budgeting",
    )
    op.create_check_constraint(
        op.f("ck_realignments_issuer"),
        "realignments",
        "num_nonnulls(decides_org_id, from_act_item_id, to_act_item_id) IN (0, 3)"
        " AND (decides_org_id IS NULL OR from_item_id IS NOT NULL)",
        schema="budgeting",
    )
    me = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"
    share_for_select(
        op,
        "realignments",
        name="submitted_to_us",
        using=f"decides_org_id = {me} AND status <> 'draft'",
    )
    # Whatever takes from what is free of an item leaves what is declared as savings; an item
    # that has lapsed has none.
    op.execute("""
CREATE FUNCTION budgeting.keep_savings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept numeric;
BEGIN
    SELECT coalesce(sum(amount - used_amount), 0) INTO kept FROM budgeting.savings
    WHERE org_id = NEW.org_id AND item_id = NEW.id AND status = 'declared';
    IF NEW.appropriated_amount - NEW.allocated_amount < kept THEN
        RAISE EXCEPTION 'The appropriation item has % left besides % of declared savings.',
            OLD.appropriated_amount - OLD.allocated_amount - kept, kept USING ERRCODE = 'BM001';
    END IF;
    RETURN NEW;
END $$""")
    op.execute("""
CREATE TRIGGER keep_savings BEFORE UPDATE ON budgeting.appropriation_items
FOR EACH ROW WHEN (NEW.status <> 'lapsed' AND NEW.appropriated_amount - NEW.allocated_amount
    < OLD.appropriated_amount - OLD.allocated_amount)
EXECUTE FUNCTION budgeting.keep_savings()""")


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_savings ON budgeting.appropriation_items")
    op.execute("DROP FUNCTION budgeting.keep_savings()")
    op.execute("DROP POLICY submitted_to_us ON budgeting.realignments")
    op.drop_constraint(op.f("ck_realignments_issuer"), "realignments", schema="budgeting")
    op.drop_constraint(op.f("ck_realignments_saving"), "realignments", schema="budgeting")
    op.drop_constraint(
        "fk_realignments_org_id_saving_id", "realignments", schema="budgeting", type_="foreignkey"
    )
    op.drop_column("realignments", "to_act_item_id", schema="budgeting")
    op.drop_column("realignments", "from_act_item_id", schema="budgeting")
    op.drop_column("realignments", "decides_org_id", schema="budgeting")
    op.drop_column("realignments", "saving_id", schema="budgeting")
    op.drop_index("ix_savings_org_id_item_id", table_name="savings", schema="budgeting")
    op.drop_index("ix_savings_org_id_created_at_id", table_name="savings", schema="budgeting")
    op.drop_table("savings", schema="budgeting")
    op.drop_index(
        "uq_realignment_decisions_draft",
        table_name="realignment_decisions",
        schema="budgeting",
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.drop_index(
        "ix_realignment_decisions_org_id_created_at_id",
        table_name="realignment_decisions",
        schema="budgeting",
    )
    op.drop_table("realignment_decisions", schema="budgeting")
