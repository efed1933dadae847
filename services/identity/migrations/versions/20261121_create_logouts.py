"""What a client registers, which clients take part in a session, and word of its end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_logouts"
down_revision = "identity_seal_keys"
branch_labels = None
depends_on = None

GRANTS = {
    "session_clients": "SELECT, INSERT, DELETE",
    "logout_notices": "SELECT, INSERT, UPDATE, DELETE",
}
CHECKS = {
    "auth_method": "token_endpoint_auth_method IN"
    " ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')",
    "secret": "(secret_digest IS NOT NULL) = (token_endpoint_auth_method IN"
    " ('client_secret_basic', 'client_secret_post'))",
    "jwks": "(jwks IS NOT NULL) = (token_endpoint_auth_method = 'private_key_jwt')",
    "own_name": "organization_id IS NOT NULL OR permissions = '{}'",
}


def upgrade() -> None:
    _widen_clients()
    op.add_column(
        "authorizations",
        sa.Column("claims", postgresql.JSONB(), nullable=False, server_default="{}"),
        schema="identity",
    )
    op.alter_column("authorizations", "claims", server_default=None, schema="identity")
    _create_logouts()
    for table, verbs in GRANTS.items():
        op.execute(f"GRANT {verbs} ON identity.{table} TO identity_app")


def _widen_clients() -> None:
    for column, default in (
        (sa.Column("is_first_party", sa.Boolean()), "true"),
        (sa.Column("post_logout_redirect_uris", sa.ARRAY(sa.Text())), "{}"),
        (sa.Column("token_endpoint_auth_method", sa.String(length=30)), "none"),
        (sa.Column("grant_types", sa.ARRAY(sa.Text())), "{authorization_code,refresh_token}"),
        (sa.Column("scopes", sa.ARRAY(sa.Text())), "{openid,profile,email,phone}"),
        (sa.Column("requires_pushed_requests", sa.Boolean()), "false"),
        (sa.Column("requires_dpop", sa.Boolean()), "false"),
        (sa.Column("permissions", sa.ARRAY(sa.Text())), "{}"),
    ):
        column.nullable, column.server_default = False, sa.DefaultClause(default)
        op.add_column("clients", column, schema="identity")
        op.alter_column("clients", column.name, server_default=None, schema="identity")
    for column in (
        sa.Column("backchannel_logout_uri", sa.Text()),
        sa.Column("secret_digest", sa.String(length=64)),
        sa.Column("secret_changed_at", sa.DateTime(timezone=True)),
        sa.Column("jwks", postgresql.JSONB()),
        sa.Column("organization_id", sa.Uuid()),
    ):
        op.add_column("clients", column, schema="identity")
    op.create_foreign_key(
        "fk_clients_organization_id",
        "clients",
        "organizations",
        ["organization_id"],
        ["id"],
        source_schema="identity",
        referent_schema="identity",
    )
    for name, condition in CHECKS.items():
        op.create_check_constraint(
            op.f(f"ck_clients_{name}"), "clients", condition, schema="identity"
        )


def _create_logouts() -> None:
    op.create_table(
        "session_clients",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["identity.sign_in_sessions.id"],
            name="fk_session_clients_session_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["identity.clients.client_id"], name="fk_session_clients_client_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_session_clients_user_id"
        ),
        sa.PrimaryKeyConstraint("session_id", "client_id", name="pk_session_clients"),
        schema="identity",
    )
    op.create_table(
        "logout_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_fault", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["identity.clients.client_id"], name="fk_logout_notices_client_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name="fk_logout_notices_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_logout_notices"),
        sa.UniqueConstraint(
            "session_id", "client_id", name="uq_logout_notices_session_id_client_id"
        ),
        schema="identity",
    )
    op.create_index(
        "ix_logout_notices_due",
        "logout_notices",
        ["next_try_at"],
        schema="identity",
        postgresql_where=sa.text("delivered_at IS NULL AND given_up_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("logout_notices", "session_clients"):
        op.drop_table(table, schema="identity")
    op.drop_column("authorizations", "claims", schema="identity")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_clients_{name}"), "clients", schema="identity")
    op.drop_constraint("fk_clients_organization_id", "clients", schema="identity")
    for column in (
        "organization_id",
        "jwks",
        "secret_changed_at",
        "secret_digest",
        "backchannel_logout_uri",
        "permissions",
        "requires_dpop",
        "requires_pushed_requests",
        "scopes",
        "grant_types",
        "token_endpoint_auth_method",
        "post_logout_redirect_uris",
        "is_first_party",
    ):
        op.drop_column("clients", column, schema="identity")
