"""enter acts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "budgeting_f007"
down_revision = "budgeting_sums_0007"
branch_labels = None
depends_on = None


ME = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"

IN_FORCE = "status IN ('enacted', 'published', 'lapsed')"

ACTS = f"SELECT a.org_id, a.id FROM budgeting.appropriations a WHERE a.{IN_FORCE}"

POLICIES = (
    ("appropriations", "enacted_for_all", f"{IN_FORCE} AND {ME} IS NOT NULL"),
    ("act_items", "given_to_us", f"for_org_id = {ME} AND (org_id, appropriation_id) IN ({ACTS})"),
)


def upgrade() -> None:
    op.create_table(
        "appropriations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("act_reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("enacted_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("enterers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("enacted_by", sa.Uuid(), nullable=True),
        sa.Column("enacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'draft') = (enacted_at IS NULL)",
            name=op.f("ck_appropriations_enacted_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('general', 'supplemental', 'continuing', 'automatic')",
            name=op.f("ck_appropriations_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'enacted', 'published', 'lapsed')",
            name=op.f("ck_appropriations_status"),
        ),
        sa.CheckConstraint(
            "(enacted_at IS NULL) = (enacted_by IS NULL)", name=op.f("ck_appropriations_enacted")
        ),
        sa.CheckConstraint("created_by = ANY (enterers)", name=op.f("ck_appropriations_enterers")),
        sa.CheckConstraint("enacted_by <> ALL (enterers)", name=op.f("ck_appropriations_enacter")),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_appropriations_fiscal_year")
        ),
        sa.CheckConstraint(
            "valid_until >= make_date(fiscal_year, 1, 1)", name=op.f("ck_appropriations_validity")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_appropriations")),
        sa.UniqueConstraint(
            "org_id", "act_reference", name=op.f("uq_appropriations_org_id_act_reference")
        ),
        schema="budgeting",
    )
    op.create_index(
        op.f("ix_appropriations_org_id_created_at_id"),
        "appropriations",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_table(
        "act_extensions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appropriation_id", sa.Uuid(), nullable=False),
        sa.Column("act_reference", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "act_reference ~ '[^[:space:]]'", name=op.f("ck_act_extensions_reference")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "appropriation_id"],
            ["budgeting.appropriations.org_id", "budgeting.appropriations.id"],
            name=op.f("fk_act_extensions_org_id_appropriation_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_act_extensions")),
        sa.UniqueConstraint(
            "org_id",
            "appropriation_id",
            "valid_until",
            name=op.f("uq_act_extensions_org_id_appropriation_id_valid_until"),
        ),
        schema="budgeting",
    )
    op.create_table(
        "act_items",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appropriation_id", sa.Uuid(), nullable=False),
        sa.Column("for_org_id", sa.Uuid(), nullable=False),
        sa.Column("program_title", sa.Text(), nullable=False),
        sa.Column("prexc_code", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("special_provision", sa.Text(), nullable=False),
        sa.Column("is_for_later_release", sa.Boolean(), nullable=False),
        sa.Column("is_lump_sum", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "expense_class IN ('ps', 'mooe', 'fe', 'co')", name=op.f("ck_act_items_expense_class")
        ),
        sa.CheckConstraint(
            "funding_source IN ('block_grant', 'national_tax_share', 'regional_taxes', 'special_development_fund', 'transitional_development_fund', 'prior_year_savings', 'grants_and_oda', 'others')",
            name=op.f("ck_act_items_funding_source"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99", name=op.f("ck_act_items_amount")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "appropriation_id"],
            ["budgeting.appropriations.org_id", "budgeting.appropriations.id"],
            name=op.f("fk_act_items_org_id_appropriation_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_act_items")),
        schema="budgeting",
    )
    op.create_index(
        "uq_act_items_key",
        "act_items",
        [
            "org_id",
            "appropriation_id",
            "for_org_id",
            "program_title",
            "prexc_code",
            "expense_class",
            "funding_source",
        ],
        unique=True,
        schema="budgeting",
    )
    secure_tenant_table(op, "appropriations")
    secure_tenant_table(op, "act_extensions", append_only=True)
    secure_tenant_table(op, "act_items")
    for table, name, using in POLICIES:
        share_for_select(op, table, name=name, using=using)


def downgrade() -> None:
    for table, name, _using in POLICIES:
        op.execute(f"DROP POLICY {name} ON budgeting.{table}")
    op.drop_index("uq_act_items_key", table_name="act_items", schema="budgeting")
    op.drop_table("act_items", schema="budgeting")
    op.drop_table("act_extensions", schema="budgeting")
    op.drop_index(
        op.f("ix_appropriations_org_id_created_at_id"),
        table_name="appropriations",
        schema="budgeting",
    )
    op.drop_table("appropriations", schema="budgeting")
