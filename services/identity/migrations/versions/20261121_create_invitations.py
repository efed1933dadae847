"""Invitations: an organization asks a person to join it."""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "identity_create_invitations"
down_revision = "identity_consents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("full_name", sa.String(length=150), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("flags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("functional_roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("last_letter_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'manager', 'staff', 'viewer')", name=op.f("ck_invitations_role")
        ),
        sa.CheckConstraint(
            "accepted_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_invitations_settled_once")
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_invitations_digest")),
        sa.ForeignKeyConstraint(["mail_id"], ["identity.mails.id"], name="fk_invitations_mail_id"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organizations.id"], name="fk_invitations_org_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity.users.id"], name="fk_invitations_user_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_invitations"),
        schema="identity",
    )
    op.create_index(
        "ix_invitations_org_id_created_at",
        "invitations",
        ["org_id", "created_at"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "uq_invitations_digest", "invitations", ["digest"], unique=True, schema="identity"
    )
    op.create_index(
        "uq_invitations_standing",
        "invitations",
        ["org_id", "user_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("accepted_at IS NULL AND cancelled_at IS NULL"),
    )
    secure_tenant_table(op, "invitations")
    # Whoever holds the secret sees the one row that it opens, before anything else is known.
    share_for_select(
        op,
        "invitations",
        name="by_secret",
        using="encode(digest, 'hex') = (SELECT current_setting('app.invitation', true))",
    )


def downgrade() -> None:
    op.drop_table("invitations", schema="identity")
