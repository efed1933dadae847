"""The register of organizations, people, and what they may do."""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "identity_0002"
down_revision = "identity_0001"
branch_labels = None
depends_on = None

OWN = "user_id = (SELECT nullif(current_setting('app.actor_id', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("org_type", sa.String(length=20), nullable=False),
        sa.Column("is_moa", sa.Boolean(), nullable=False),
        sa.Column("is_pilot", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("modules", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("legacy_id", sa.Integer(), nullable=True),
        sa.Column("verified", sa.String(length=10), nullable=False),
        sa.Column("source_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "code ~ '^[A-Z][A-Z0-9-]{1,19}$'", name=op.f("ck_organizations_code_form")
        ),
        sa.CheckConstraint(
            "org_type IN ('ministry', 'office', 'agency', 'special', 'commission')",
            name=op.f("ck_organizations_org_type"),
        ),
        sa.CheckConstraint(
            "verified IN ('yes', 'no', 'doubt')", name=op.f("ck_organizations_verified")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint(
            "code", deferrable=True, initially="DEFERRED", name="uq_organizations_code"
        ),
        sa.UniqueConstraint("key", name="uq_organizations_key"),
        sa.UniqueConstraint(
            "legacy_id", deferrable=True, initially="DEFERRED", name="uq_organizations_legacy_id"
        ),
        schema="identity",
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("full_name", sa.String(length=150), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("status IN ('active', 'deactivated')", name=op.f("ck_users_status")),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        schema="identity",
    )
    op.create_index(
        "uq_users_email",
        "users",
        [sa.literal_column("lower(email)")],
        unique=True,
        schema="identity",
    )
    op.create_table(
        "memberships",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("can_manage_users", sa.Boolean(), nullable=False),
        sa.Column("can_approve_plans", sa.Boolean(), nullable=False),
        sa.Column("can_approve_budgets", sa.Boolean(), nullable=False),
        sa.Column("can_view_reports", sa.Boolean(), nullable=False),
        sa.Column("position", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=200), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'manager', 'staff', 'viewer')", name=op.f("ck_memberships_role")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organizations.id"], name="fk_memberships_org_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity.users.id"], name="fk_memberships_user_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_memberships"),
        sa.UniqueConstraint("org_id", "user_id", name="uq_memberships_org_id_user_id"),
        schema="identity",
    )
    op.create_index(
        "ix_memberships_user_id", "memberships", ["user_id"], unique=False, schema="identity"
    )
    op.create_index(
        "uq_memberships_primary",
        "memberships",
        ["user_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("is_primary AND is_active"),
    )
    op.create_table(
        "module_activations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("module", sa.String(length=20), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organizations.id"], name="fk_module_activations_org_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_module_activations"),
        schema="identity",
    )
    op.create_index(
        "ix_module_activations_org_id_module_created_at",
        "module_activations",
        ["org_id", "module", "created_at"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "system_grants",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('platform_administrator', 'ocm_analyst')", name=op.f("ck_system_grants_kind")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organizations.id"], name="fk_system_grants_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_system_grants_user_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_system_grants"),
        schema="identity",
    )
    op.create_index(
        "ix_system_grants_user_id", "system_grants", ["user_id"], unique=False, schema="identity"
    )
    op.create_index(
        "uq_system_grants_given",
        "system_grants",
        ["org_id", "user_id", "kind"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    _secure()


def _secure() -> None:
    """People are for the application alone; the register is public."""
    for table in ("organizations", "users"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON identity.{table} TO identity_app")
    op.execute("GRANT SELECT ON identity.organizations TO identity_ro")
    secure_tenant_table(op, "module_activations", append_only=True)
    for table in ("memberships", "system_grants"):
        secure_tenant_table(op, table)
        # A person sees their own, whichever organization they act for.
        share_for_select(op, table, name="own", using=OWN)


def downgrade() -> None:
    for table in ("system_grants", "memberships", "module_activations", "users", "organizations"):
        op.drop_table(table, schema="identity")
