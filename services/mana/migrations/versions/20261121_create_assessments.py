"""create assessments"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "mana_0002"
down_revision = "mana_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("objectives", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("region_psgc", sa.Text(), nullable=False),
        sa.Column("province_psgc", sa.Text(), nullable=True),
        sa.Column("municipality_psgc", sa.Text(), nullable=True),
        sa.Column("barangay_psgc", sa.Text(), nullable=True),
        sa.Column("methodology", sa.Text(), nullable=False),
        sa.Column("secondary_methodologies", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("planned_start_on", sa.Date(), nullable=False),
        sa.Column("planned_end_on", sa.Date(), nullable=False),
        sa.Column("actual_start_on", sa.Date(), nullable=True),
        sa.Column("actual_end_on", sa.Date(), nullable=True),
        sa.Column("estimated_budget_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("privacy_notice_approved", sa.Boolean(), nullable=False),
        sa.Column("consent_procedure", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("recommendations", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(actual_end_on IS NOT NULL) = (status = 'completed')",
            name=op.f("ck_assessments_ended_when_completed"),
        ),
        sa.CheckConstraint(
            "barangay_psgc ~ '^[0-9]{10}$'", name=op.f("ck_assessments_barangay_psgc")
        ),
        sa.CheckConstraint(
            "level <> 'barangay' OR (region_psgc IS NOT NULL AND municipality_psgc IS NOT NULL AND barangay_psgc IS NOT NULL)",
            name=op.f("ck_assessments_barangay_area"),
        ),
        sa.CheckConstraint(
            "level <> 'city_municipal' OR (region_psgc IS NOT NULL AND municipality_psgc IS NOT NULL AND barangay_psgc IS NULL)",
            name=op.f("ck_assessments_city_municipal_area"),
        ),
        sa.CheckConstraint(
            "level <> 'community' OR (region_psgc IS NOT NULL AND municipality_psgc IS NOT NULL)",
            name=op.f("ck_assessments_community_area"),
        ),
        sa.CheckConstraint(
            "level <> 'community' OR consent_procedure <> '' OR status IN ('planning', 'preparation', 'cancelled')",
            name=op.f("ck_assessments_consent_before_data"),
        ),
        sa.CheckConstraint(
            "level <> 'provincial' OR (region_psgc IS NOT NULL AND province_psgc IS NOT NULL AND municipality_psgc IS NULL AND barangay_psgc IS NULL)",
            name=op.f("ck_assessments_provincial_area"),
        ),
        sa.CheckConstraint(
            "level <> 'regional' OR (region_psgc IS NOT NULL AND province_psgc IS NULL AND municipality_psgc IS NULL AND barangay_psgc IS NULL)",
            name=op.f("ck_assessments_regional_area"),
        ),
        sa.CheckConstraint(
            "level IN ('regional', 'provincial', 'city_municipal', 'barangay', 'community')",
            name=op.f("ck_assessments_level"),
        ),
        sa.CheckConstraint(
            "municipality_psgc ~ '^[0-9]{7}000$'", name=op.f("ck_assessments_municipality_psgc")
        ),
        sa.CheckConstraint(
            "privacy_notice_approved OR status IN ('planning', 'preparation', 'cancelled')",
            name=op.f("ck_assessments_notice_before_data"),
        ),
        sa.CheckConstraint(
            "province_psgc ~ '^[0-9]{5}0{5}$'", name=op.f("ck_assessments_province_psgc")
        ),
        sa.CheckConstraint(
            "region_psgc ~ '^[0-9]{2}0{8}$'", name=op.f("ck_assessments_region_psgc")
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR status_reason <> ''",
            name=op.f("ck_assessments_reason_when_cancelled"),
        ),
        sa.CheckConstraint(
            "status <> 'completed' OR findings <> ''",
            name=op.f("ck_assessments_findings_when_completed"),
        ),
        sa.CheckConstraint(
            "status IN ('planning', 'preparation', 'data_collection', 'analysis', 'reporting', 'completed', 'cancelled')",
            name=op.f("ck_assessments_status"),
        ),
        sa.CheckConstraint(
            "actual_end_on >= actual_start_on", name=op.f("ck_assessments_actual_dates")
        ),
        sa.CheckConstraint("estimated_budget_amount >= 0", name=op.f("ck_assessments_budget")),
        sa.CheckConstraint(
            "fiscal_year = extract(year FROM planned_start_on)", name=op.f("ck_assessments_year")
        ),
        sa.CheckConstraint(
            "left(barangay_psgc, 7) = left(municipality_psgc, 7)",
            name=op.f("ck_assessments_barangay_lies_within"),
        ),
        sa.CheckConstraint(
            "planned_end_on >= planned_start_on", name=op.f("ck_assessments_planned_dates")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_assessments"),
        schema="mana",
    )
    op.create_index(
        "ix_assessments_org_id_created_at_id",
        "assessments",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="mana",
    )
    op.create_index(
        "ix_assessments_org_id_fiscal_year_code",
        "assessments",
        ["org_id", "fiscal_year", "code"],
        unique=True,
        schema="mana",
    )
    op.create_index(
        "ix_assessments_org_id_status",
        "assessments",
        ["org_id", "status"],
        unique=False,
        schema="mana",
    )
    secure_tenant_table(op, "assessments")


def downgrade() -> None:
    op.drop_index("ix_assessments_org_id_status", table_name="assessments", schema="mana")
    op.drop_index("ix_assessments_org_id_fiscal_year_code", table_name="assessments", schema="mana")
    op.drop_index("ix_assessments_org_id_created_at_id", table_name="assessments", schema="mana")
    op.drop_table("assessments", schema="mana")
