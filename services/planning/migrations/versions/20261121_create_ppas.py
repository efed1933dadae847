"""create ppas with indicators, special provisions, and the remembered register"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "planning_0003"
down_revision = "planning_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_organizations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("org_type", sa.Text(), nullable=False),
        sa.Column("is_moa", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("register_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = org_id", name=op.f("ck_known_organizations_own")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_known_organizations"),
        schema="planning",
    )
    op.create_table(
        "ppas",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("actual_end_on", sa.Date(), nullable=True),
        sa.Column("approved_budget_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("source_file", sa.Text(), nullable=True),
        sa.Column("source_position", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("source_digest", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'completed') = (actual_end_on IS NOT NULL)", name=op.f("ck_ppas_ended")
        ),
        sa.CheckConstraint(
            "status IN ('planning', 'ongoing', 'completed', 'on_hold', 'cancelled')",
            name=op.f("ck_ppas_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('on_hold', 'cancelled') OR status_reason <> ''",
            name=op.f("ck_ppas_reason"),
        ),
        sa.CheckConstraint("approved_budget_amount >= 0", name=op.f("ck_ppas_budget_positive")),
        sa.CheckConstraint("fiscal_year BETWEEN 2000 AND 2100", name=op.f("ck_ppas_fiscal_year")),
        sa.CheckConstraint(
            "num_nulls(source_file, source_position, source_key, source_digest) IN (0, 4)",
            name=op.f("ck_ppas_source"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_ppas"),
        sa.UniqueConstraint(
            "org_id", "fiscal_year", "code", name="uq_ppas_org_id_fiscal_year_code"
        ),
        sa.UniqueConstraint(
            "org_id", "fiscal_year", "source_key", name="uq_ppas_org_id_fiscal_year_source_key"
        ),
        schema="planning",
    )
    op.create_index(
        "ix_ppas_org_id_created_at_id",
        "ppas",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="planning",
    )
    op.create_index(
        "ix_ppas_org_id_fiscal_year_status",
        "ppas",
        ["org_id", "fiscal_year", "status"],
        unique=False,
        schema="planning",
    )
    op.create_index(
        "ix_ppas_org_id_status", "ppas", ["org_id", "status"], unique=False, schema="planning"
    )
    op.create_table(
        "special_provisions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("source_file", sa.Text(), nullable=False),
        sa.Column("source_position", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2000 AND 2100", name=op.f("ck_special_provisions_fiscal_year")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_special_provisions"),
        sa.UniqueConstraint(
            "org_id",
            "fiscal_year",
            "source_key",
            name="uq_special_provisions_org_id_fiscal_year_source_key",
        ),
        schema="planning",
    )
    op.create_index(
        "ix_special_provisions_org_id_fiscal_year_position",
        "special_provisions",
        ["org_id", "fiscal_year", "position"],
        unique=False,
        schema="planning",
    )
    op.create_index(
        "ix_special_provisions_org_id_position_id",
        "special_provisions",
        ["org_id", "position", "id"],
        unique=False,
        schema="planning",
    )
    op.create_table(
        "ppa_indicators",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ppa_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("target_text", sa.Text(), nullable=False),
        sa.Column("target_value", sa.Numeric(precision=21, scale=6), nullable=True),
        sa.Column("target_unit", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('outcome', 'output')", name=op.f("ck_ppa_indicators_kind")),
        sa.CheckConstraint(
            "target_unit IN ('percent', 'number', 'php')",
            name=op.f("ck_ppa_indicators_target_unit"),
        ),
        sa.CheckConstraint(
            "(target_value IS NULL) = (target_unit IS NULL)",
            name=op.f("ck_ppa_indicators_target_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "ppa_id"],
            ["planning.ppas.org_id", "planning.ppas.id"],
            name="fk_ppa_indicators_org_id_ppa_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_ppa_indicators"),
        schema="planning",
    )
    op.create_index(
        "ix_ppa_indicators_org_id_ppa_id_position",
        "ppa_indicators",
        ["org_id", "ppa_id", "position"],
        unique=False,
        schema="planning",
    )
    secure_tenant_table(op, "known_organizations")
    # Who imports files asks whose they are before any organization is chosen. No person of an
    # organization oversees, so that none reads another's entry here.
    share_for_select(
        op,
        "known_organizations",
        name="oversight",
        using="(SELECT current_setting('app.oversight', true)) = 'on'",
    )
    secure_tenant_table(op, "ppas")
    secure_tenant_table(op, "special_provisions")
    secure_tenant_table(op, "ppa_indicators")


def downgrade() -> None:
    op.drop_index(
        "ix_ppa_indicators_org_id_ppa_id_position", table_name="ppa_indicators", schema="planning"
    )
    op.drop_table("ppa_indicators", schema="planning")
    op.drop_index(
        "ix_special_provisions_org_id_position_id",
        table_name="special_provisions",
        schema="planning",
    )
    op.drop_index(
        "ix_special_provisions_org_id_fiscal_year_position",
        table_name="special_provisions",
        schema="planning",
    )
    op.drop_table("special_provisions", schema="planning")
    op.drop_index("ix_ppas_org_id_status", table_name="ppas", schema="planning")
    op.drop_index("ix_ppas_org_id_fiscal_year_status", table_name="ppas", schema="planning")
    op.drop_index("ix_ppas_org_id_created_at_id", table_name="ppas", schema="planning")
    op.drop_table("ppas", schema="planning")
    op.drop_table("known_organizations", schema="planning")
