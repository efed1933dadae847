"""try scenarios"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_scenarios_0027"
down_revision = "budgeting_0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scenarios",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("need_weight", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("coverage_weight", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("goals_weight", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("total_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("allocated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("preparers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_proposal_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'implemented') <= (applied_proposal_id IS NOT NULL)",
            name=op.f("ck_scenarios_applied"),
        ),
        sa.CheckConstraint(
            "kind IN ('baseline', 'optimistic', 'conservative', 'needs_based', 'equity_focused', 'custom')",
            name=op.f("ck_scenarios_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'archived') OR allocated_amount <= total_amount",
            name=op.f("ck_scenarios_within"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'under_review', 'approved', 'implemented', 'archived')",
            name=op.f("ck_scenarios_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'implemented') OR decided_by IS NOT NULL",
            name=op.f("ck_scenarios_decided_known"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_scenarios_decided")
        ),
        sa.CheckConstraint(
            "allocated_amount BETWEEN 0 AND 9999999999999999.99",
            name=op.f("ck_scenarios_allocated"),
        ),
        sa.CheckConstraint("created_by = ANY (preparers)", name=op.f("ck_scenarios_preparers")),
        sa.CheckConstraint("decided_by <> ALL (preparers)", name=op.f("ck_scenarios_decider")),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_scenarios_fiscal_year")
        ),
        sa.CheckConstraint(
            "least(need_weight, coverage_weight, goals_weight) >= 0",
            name=op.f("ck_scenarios_weights"),
        ),
        sa.CheckConstraint(
            "need_weight + coverage_weight + goals_weight = 1",
            name=op.f("ck_scenarios_weights_sum"),
        ),
        sa.CheckConstraint(
            "total_amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_scenarios_total")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_scenarios"),
        schema="budgeting",
    )
    op.create_index(
        "ix_scenarios_org_id_created_at_id",
        "scenarios",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_scenarios_baseline",
        "scenarios",
        ["org_id", "fiscal_year"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("kind = 'baseline' AND status <> 'archived'"),
    )
    op.create_table(
        "scenario_rows",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        sa.Column("ppa_id", sa.Uuid(), nullable=False),
        sa.Column("ppa_code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=True),
        sa.Column("cost_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("communities", sa.Integer(), nullable=False),
        sa.Column("goals", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "funding_source IN ('block_grant', 'national_tax_share', 'regional_taxes', 'special_development_fund', 'transitional_development_fund', 'prior_year_savings', 'grants_and_oda', 'others')",
            name=op.f("ck_scenario_rows_funding_source"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'pending_review', 'approved', 'rejected')",
            name=op.f("ck_scenario_rows_status"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND cost_amount", name=op.f("ck_scenario_rows_amount")
        ),
        sa.CheckConstraint(
            "cost_amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_scenario_rows_cost")
        ),
        sa.CheckConstraint(
            "least(needs, communities, goals) >= 0 AND greatest(needs, communities, goals) <= 100000",
            name=op.f("ck_scenario_rows_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "scenario_id"],
            ["budgeting.scenarios.org_id", "budgeting.scenarios.id"],
            name="fk_scenario_rows_org_id_scenario_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_scenario_rows"),
        sa.UniqueConstraint(
            "org_id", "scenario_id", "ppa_id", name="uq_scenario_rows_org_id_scenario_id_ppa_id"
        ),
        schema="budgeting",
    )
    secure_tenant_table(op, "scenarios")
    secure_tenant_table(op, "scenario_rows")
    # At commit the allocated amount is the sum of the rows that were not turned down. A row whose
    # scenario was written in the same transaction leaves that to the scenario's own check.
    for table, key, condition in (
        ("scenarios", "id", ""),
        ("scenario_rows", "scenario_id", "AND whole.xmin <> pg_current_xact_id()::xid"),
    ):
        op.execute(f"""
CREATE FUNCTION budgeting.check_sums_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM budgeting.scenarios AS whole
        WHERE whole.org_id = coalesce(NEW.org_id, OLD.org_id)
            AND whole.id IN (NEW.{key}, OLD.{key}) {condition}
            AND whole.allocated_amount <> (
                SELECT coalesce(sum(part.amount), 0) FROM budgeting.scenario_rows AS part
                WHERE part.org_id = whole.org_id AND part.scenario_id = whole.id
                    AND part.status <> 'rejected'
            )
    ) THEN
        RAISE EXCEPTION 'the sum of budgeting.scenarios differs from budgeting.scenario_rows'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_scenarios_sums';
    END IF;
    RETURN NULL;
END $$""")
        op.execute(
            f"CREATE CONSTRAINT TRIGGER scenario_sums AFTER INSERT OR UPDATE OR DELETE"
            f" ON budgeting.{table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            f" EXECUTE FUNCTION budgeting.check_sums_of_{table}()"
        )


def downgrade() -> None:
    for table in ("scenarios", "scenario_rows"):
        op.execute(f"DROP TRIGGER scenario_sums ON budgeting.{table}")
        op.execute(f"DROP FUNCTION budgeting.check_sums_of_{table}()")
    op.drop_table("scenario_rows", schema="budgeting")
    op.drop_index(
        "uq_scenarios_baseline",
        table_name="scenarios",
        schema="budgeting",
        postgresql_where=sa.text("kind = 'baseline' AND status <> 'archived'"),
    )
    op.drop_index("ix_scenarios_org_id_created_at_id", table_name="scenarios", schema="budgeting")
    op.drop_table("scenarios", schema="budgeting")
