"""Roles of an organization's own, who has which, single rights, and what must not meet."""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "identity_rights"
down_revision = "identity_token_requests"
branch_labels = None
depends_on = None

KINDS = (
    "'platform_administrator', 'ocm_analyst', 'ocm_executive', 'bpda_analyst', 'coa_auditor',"
    " 'moa_coordinator', 'mfbm_analyst', 'mfbm_approver'"
)
PAYING = "Whoever enters an obligation does not pay it."
PAYING_CERTIFIED = "Whoever certifies a disbursement does not pay it."
APPROVING = "Whoever prepares does not approve; the services refuse it for one and the same record."
DUTIES = (
    ("budgeting.obligation.create", "budgeting.disbursement.pay", "refuse", PAYING),
    ("budgeting.disbursement.certify", "budgeting.disbursement.pay", "refuse", PAYING_CERTIFIED),
    ("budgeting.proposal.submit", "budgeting.proposal.approve", "warn", APPROVING),
    ("budgeting.obligation.submit", "budgeting.obligation.approve", "warn", APPROVING),
    ("planning.strategic_plan.submit", "planning.strategic_plan.approve", "warn", APPROVING),
    ("budgeting.appropriation.create", "budgeting.appropriation.enact", "refuse", APPROVING),
)


def upgrade() -> None:
    op.create_table(
        "incompatible_duties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.String(length=100), nullable=False),
        sa.Column("second", sa.String(length=100), nullable=False),
        sa.Column("effect", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
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
            "effect IN ('refuse', 'warn')", name=op.f("ck_incompatible_duties_effect")
        ),
        sa.CheckConstraint("first <> second", name=op.f("ck_incompatible_duties_two")),
        sa.PrimaryKeyConstraint("id", name="pk_incompatible_duties"),
        sa.UniqueConstraint("first", "second", name="uq_incompatible_duties_first_second"),
        schema="identity",
    )
    op.create_table(
        "roles",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("parent_key", sa.String(length=50), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z][a-z0-9_]{1,49}$'", name=op.f("ck_roles_slug")),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_roles_level")),
        sa.CheckConstraint(
            "num_nonnulls(parent_key, parent_id) <= 1 AND parent_id <> id",
            name=op.f("ck_roles_one_parent"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "parent_id"],
            ["identity.roles.org_id", "identity.roles.id"],
            name="fk_roles_org_id_parent_id",
        ),
        sa.ForeignKeyConstraint(["org_id"], ["identity.organizations.id"], name="fk_roles_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_roles"),
        sa.UniqueConstraint("org_id", "slug", name="uq_roles_org_id_slug"),
        schema="identity",
    )
    op.create_table(
        "role_permissions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("pattern", sa.String(length=200), nullable=False),
        sa.Column("is_denial", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "role_id"],
            ["identity.roles.org_id", "identity.roles.id"],
            name="fk_role_permissions_org_id_role_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_role_permissions"),
        sa.UniqueConstraint(
            "org_id", "role_id", "pattern", name="uq_role_permissions_org_id_role_id_pattern"
        ),
        schema="identity",
    )
    op.create_index(
        "ix_role_permissions_org_id_expires_at",
        "role_permissions",
        ["org_id", "expires_at"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "user_permissions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pattern", sa.String(length=200), nullable=False),
        sa.Column("is_denial", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason ~ '[^[:space:]]'", name=op.f("ck_user_permissions_reason")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_user_permissions_revoked")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "membership_id"],
            ["identity.memberships.org_id", "identity.memberships.id"],
            name="fk_user_permissions_org_id_membership_id",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_user_permissions_user_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_user_permissions"),
        schema="identity",
    )
    op.create_index(
        "ix_user_permissions_org_id_expires_at",
        "user_permissions",
        ["org_id", "expires_at"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "ix_user_permissions_org_id_user_id",
        "user_permissions",
        ["org_id", "user_id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "uq_user_permissions_given",
        "user_permissions",
        ["org_id", "membership_id", "pattern"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "user_roles",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_key", sa.String(length=50), nullable=True),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_user_roles_revoked")
        ),
        sa.CheckConstraint(
            "num_nonnulls(role_key, role_id) = 1", name=op.f("ck_user_roles_one_role")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "membership_id"],
            ["identity.memberships.org_id", "identity.memberships.id"],
            name="fk_user_roles_org_id_membership_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "role_id"],
            ["identity.roles.org_id", "identity.roles.id"],
            name="fk_user_roles_org_id_role_id",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity.users.id"], name="fk_user_roles_user_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_user_roles"),
        schema="identity",
    )
    op.create_index(
        "ix_user_roles_org_id_expires_at",
        "user_roles",
        ["org_id", "expires_at"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "ix_user_roles_org_id_user_id",
        "user_roles",
        ["org_id", "user_id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "uq_user_roles_given",
        "user_roles",
        ["org_id", "membership_id", "role_key", "role_id"],
        unique=True,
        schema="identity",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_constraint(
        "uq_memberships_org_id_user_id", "memberships", schema="identity", type_="unique"
    )
    op.create_index(
        "ix_memberships_org_id_user_id",
        "memberships",
        ["org_id", "user_id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "uq_memberships_active",
        "memberships",
        ["org_id", "user_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("is_active"),
    )
    op.add_column(
        "system_grants",
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        schema="identity",
    )
    op.alter_column("system_grants", "reason", server_default=None, schema="identity")
    op.add_column(
        "system_grants",
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        schema="identity",
    )
    op.add_column(
        "system_grants", sa.Column("revoked_by", sa.Uuid(), nullable=True), schema="identity"
    )
    op.drop_constraint(op.f("ck_system_grants_kind"), "system_grants", schema="identity")
    op.create_check_constraint(
        op.f("ck_system_grants_kind"), "system_grants", f"kind IN ({KINDS})", schema="identity"
    )
    op.execute("GRANT SELECT ON identity.incompatible_duties TO identity_app")
    for first, second, effect, reason in DUTIES:
        op.execute(
            "INSERT INTO identity.incompatible_duties (id, first, second, effect, reason, version)"
            f" VALUES (gen_random_uuid(), '{first}', '{second}', '{effect}', '{reason}', 1)"
        )
    secure_tenant_table(op, "roles")
    secure_tenant_table(op, "role_permissions")
    secure_tenant_table(op, "user_permissions")
    secure_tenant_table(op, "user_roles")


def downgrade() -> None:
    op.execute(
        "DELETE FROM identity.system_grants"
        " WHERE kind NOT IN ('platform_administrator', 'ocm_analyst')"
    )
    op.drop_constraint(op.f("ck_system_grants_kind"), "system_grants", schema="identity")
    op.create_check_constraint(
        op.f("ck_system_grants_kind"),
        "system_grants",
        "kind IN ('platform_administrator', 'ocm_analyst')",
        schema="identity",
    )
    op.drop_column("system_grants", "revoked_by", schema="identity")
    op.drop_column("system_grants", "expires_at", schema="identity")
    op.drop_column("system_grants", "reason", schema="identity")
    op.drop_index(
        "uq_memberships_active",
        table_name="memberships",
        schema="identity",
        postgresql_where=sa.text("is_active"),
    )
    op.drop_index("ix_memberships_org_id_user_id", table_name="memberships", schema="identity")
    op.create_unique_constraint(
        "uq_memberships_org_id_user_id",
        "memberships",
        ["org_id", "user_id"],
        schema="identity",
        postgresql_nulls_not_distinct=False,
    )
    op.drop_index(
        "uq_user_roles_given",
        table_name="user_roles",
        schema="identity",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index("ix_user_roles_org_id_user_id", table_name="user_roles", schema="identity")
    op.drop_index("ix_user_roles_org_id_expires_at", table_name="user_roles", schema="identity")
    op.drop_table("user_roles", schema="identity")
    op.drop_index(
        "uq_user_permissions_given",
        table_name="user_permissions",
        schema="identity",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index(
        "ix_user_permissions_org_id_user_id", table_name="user_permissions", schema="identity"
    )
    op.drop_index(
        "ix_user_permissions_org_id_expires_at", table_name="user_permissions", schema="identity"
    )
    op.drop_table("user_permissions", schema="identity")
    op.drop_index(
        "ix_role_permissions_org_id_expires_at", table_name="role_permissions", schema="identity"
    )
    op.drop_table("role_permissions", schema="identity")
    op.drop_table("roles", schema="identity")
    op.drop_table("incompatible_duties", schema="identity")
