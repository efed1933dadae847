"""Applications for an account, and who speaks for an organization."""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "identity_registrations"
down_revision = "identity_list_members"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registrations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("full_name", sa.String(length=150), nullable=False),
        sa.Column("position", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endorsed_by", sa.Uuid(), nullable=True),
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("is_override", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status <> 'approved' OR (user_id IS NOT NULL AND decided_by IS NOT NULL AND is_override = (endorsed_by IS NULL))",
            name=op.f("ck_registrations_levels"),
        ),
        sa.CheckConstraint(
            "status <> 'approved' OR endorsed_by <> decided_by",
            name=op.f("ck_registrations_two_people"),
        ),
        sa.CheckConstraint(
            "status <> 'rejected' OR decision_reason <> ''", name=op.f("ck_registrations_rejected")
        ),
        sa.CheckConstraint(
            "status IN ('unverified', 'registered', 'endorsed', 'approved', 'rejected', 'expired')",
            name=op.f("ck_registrations_status"),
        ),
        sa.CheckConstraint(
            "NOT is_override OR length(decision_reason) >= 20",
            name=op.f("ck_registrations_override"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "previous_id"],
            ["identity.registrations.org_id", "identity.registrations.id"],
            name="fk_registrations_org_id_previous_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organizations.id"], name="fk_registrations_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_registrations_user_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_registrations"),
        schema="identity",
    )
    op.create_index(
        "ix_registrations_org_id_status_expires_at",
        "registrations",
        ["org_id", "status", "expires_at"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "uq_registrations_secret",
        "registrations",
        ["org_id", "secret_digest"],
        unique=True,
        schema="identity",
    )
    op.create_index(
        "uq_registrations_waiting",
        "registrations",
        ["org_id", sa.literal_column("lower(email)")],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("status IN ('registered', 'endorsed')"),
    )
    op.create_table(
        "focal_designations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_focal_designations_term")),
        sa.ForeignKeyConstraint(
            ["org_id", "membership_id"],
            ["identity.memberships.org_id", "identity.memberships.id"],
            name="fk_focal_designations_org_id_membership_id",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_focal_designations_user_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_focal_designations"),
        schema="identity",
    )
    op.create_index(
        "uq_focal_designations_standing",
        "focal_designations",
        ["org_id", "membership_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("to_on IS NULL"),
    )
    secure_tenant_table(op, "registrations")
    secure_tenant_table(op, "focal_designations")


def downgrade() -> None:
    op.drop_index(
        "uq_focal_designations_standing",
        table_name="focal_designations",
        schema="identity",
        postgresql_where=sa.text("to_on IS NULL"),
    )
    op.drop_table("focal_designations", schema="identity")
    op.drop_index(
        "uq_registrations_waiting",
        table_name="registrations",
        schema="identity",
        postgresql_where=sa.text("status IN ('registered', 'endorsed')"),
    )
    op.drop_index("uq_registrations_secret", table_name="registrations", schema="identity")
    op.drop_index(
        "ix_registrations_org_id_status_expires_at", table_name="registrations", schema="identity"
    )
    op.drop_table("registrations", schema="identity")
