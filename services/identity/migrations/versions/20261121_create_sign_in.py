"""What signing in leaves behind, and what tokens are made from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_0003"
down_revision = "identity_0002"
branch_labels = None
depends_on = None

GRANTS = {
    "clients": "SELECT, INSERT, UPDATE",
    "signing_keys": "SELECT, INSERT",
    "sign_in_attempts": "SELECT, INSERT, UPDATE, DELETE",
    "sign_in_sessions": "SELECT, INSERT, UPDATE",
    "authorizations": "SELECT, INSERT, UPDATE",
    "authorization_codes": "SELECT, INSERT, UPDATE (used_at)",
    "refresh_tokens": "SELECT, INSERT, UPDATE (used_at)",
}


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("redirect_uris", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
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
        sa.PrimaryKeyConstraint("client_id", name="pk_clients"),
        schema="identity",
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("account_digest", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("counted_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_digest", "network", name="pk_sign_in_attempts"),
        schema="identity",
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=60), nullable=False),
        sa.Column("private_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
        sa.UniqueConstraint("signs_from", name="uq_signing_keys_signs_from"),
        schema="identity",
    )
    op.create_table(
        "sign_in_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("acr", sa.String(length=20), nullable=False),
        sa.Column("amr", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_sign_in_sessions_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_sessions"),
        sa.UniqueConstraint("secret_digest", name="uq_sign_in_sessions_secret_digest"),
        schema="identity",
    )
    op.create_index(
        "ix_sign_in_sessions_user_id",
        "sign_in_sessions",
        ["user_id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "authorizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("acr", sa.String(length=20), nullable=False),
        sa.Column("amr", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["identity.clients.client_id"], name="fk_authorizations_client_id"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["identity.organizations.id"],
            name="fk_authorizations_organization_id",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["identity.sign_in_sessions.id"], name="fk_authorizations_session_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_authorizations_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_authorizations"),
        schema="identity",
    )
    op.create_index(
        "ix_authorizations_session_id",
        "authorizations",
        ["session_id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "ix_authorizations_user_id", "authorizations", ["user_id"], unique=False, schema="identity"
    )
    op.create_table(
        "authorization_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["authorization_id"],
            ["identity.authorizations.id"],
            name="fk_authorization_codes_authorization_id",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_authorization_codes"),
        schema="identity",
    )
    op.create_index(
        "ix_authorization_codes_authorization_id",
        "authorization_codes",
        ["authorization_id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["authorization_id"],
            ["identity.authorizations.id"],
            name="fk_refresh_tokens_authorization_id",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_refresh_tokens"),
        schema="identity",
    )
    op.create_index(
        "ix_refresh_tokens_authorization_id",
        "refresh_tokens",
        ["authorization_id"],
        unique=False,
        schema="identity",
    )
    # Secrets are for the application alone: the read-only login sees none of these tables.
    for table, verbs in GRANTS.items():
        op.execute(f"GRANT {verbs} ON identity.{table} TO identity_app")


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table, schema="identity")
