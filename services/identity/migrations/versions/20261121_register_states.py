"""The register in full: states, parents, former codes, and what was corrected."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_register_states"
down_revision = "identity_c001"
branch_labels = None
depends_on = None

CHECKS = {
    "status": "status IN ('registered', 'onboarding', 'live', 'suspended', 'retired')",
    "active": "is_active = (status IN ('registered', 'onboarding', 'live'))",
    "suspended": "(status = 'suspended') = (status_before IS NOT NULL)",
    "went_live": "go_live_on >= onboarding_on",
    "pilot": "pilot_until >= pilot_from",
    "valid": "valid_to >= valid_from",
    "parent": "parent_id <> id",
}


def upgrade() -> None:
    op.create_table(
        "organization_aliases",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "code ~ '^[A-Z][A-Z0-9-]{1,19}$'", name=op.f("ck_organization_aliases_code_form")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["identity.organizations.id"],
            name="fk_organization_aliases_organization_id",
        ),
        sa.PrimaryKeyConstraint("code", "organization_id", name="pk_organization_aliases"),
        schema="identity",
    )
    op.create_table(
        "organization_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["identity.organizations.id"],
            name="fk_organization_corrections_organization_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organization_corrections"),
        schema="identity",
    )
    op.create_index(
        "ix_organization_corrections_organization_id_id",
        "organization_corrections",
        ["organization_id", "id"],
        unique=False,
        schema="identity",
    )
    op.add_column(
        "organizations",
        sa.Column("status", sa.String(length=10), server_default="registered", nullable=False),
        schema="identity",
    )
    op.add_column(
        "organizations",
        sa.Column("status_before", sa.String(length=10), nullable=True),
        schema="identity",
    )
    op.add_column(
        "organizations",
        sa.Column("status_reason", sa.Text(), server_default="", nullable=False),
        schema="identity",
    )
    op.add_column(
        "organizations",
        sa.Column("official_name", sa.String(length=200), server_default="", nullable=False),
        schema="identity",
    )
    op.add_column(
        "organizations",
        sa.Column("acronym", sa.String(length=20), server_default="", nullable=False),
        schema="identity",
    )
    op.add_column(
        "organizations", sa.Column("parent_id", sa.Uuid(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations",
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        schema="identity",
    )
    op.add_column(
        "organizations", sa.Column("focal_user_id", sa.Uuid(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations", sa.Column("onboarding_on", sa.Date(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations", sa.Column("go_live_on", sa.Date(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations", sa.Column("pilot_from", sa.Date(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations", sa.Column("pilot_until", sa.Date(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations", sa.Column("valid_from", sa.Date(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations", sa.Column("valid_to", sa.Date(), nullable=True), schema="identity"
    )
    op.add_column(
        "organizations",
        sa.Column("edited", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="identity",
    )
    op.create_foreign_key(
        "fk_organizations_focal_user_id",
        "organizations",
        "users",
        ["focal_user_id"],
        ["id"],
        source_schema="identity",
        referent_schema="identity",
    )
    op.create_foreign_key(
        "fk_organizations_parent_id",
        "organizations",
        "organizations",
        ["parent_id"],
        ["id"],
        source_schema="identity",
        referent_schema="identity",
        initially="DEFERRED",
        deferrable=True,
    )
    op.execute(
        "UPDATE identity.organizations SET status = 'suspended', status_before = 'registered'"
        " WHERE NOT is_active"
    )
    for name, condition in CHECKS.items():
        op.create_check_constraint(
            op.f(f"ck_organizations_{name}"), "organizations", condition, schema="identity"
        )
    op.execute("GRANT SELECT, INSERT, UPDATE ON identity.organization_aliases TO identity_app")
    op.execute("GRANT SELECT, INSERT ON identity.organization_corrections TO identity_app")


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_organizations_{name}"), "organizations", schema="identity")
    for column in (
        *("edited", "valid_to", "valid_from", "pilot_until", "pilot_from", "go_live_on"),
        *("onboarding_on", "focal_user_id", "details", "parent_id", "acronym", "official_name"),
        *("status_reason", "status_before", "status"),
    ):
        op.drop_column("organizations", column, schema="identity")
    op.drop_table("organization_corrections", schema="identity")
    op.drop_table("organization_aliases", schema="identity")
