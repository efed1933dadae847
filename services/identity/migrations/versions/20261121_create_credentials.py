"""Second factors, passkeys, known devices, reset links; what a session still awaits."""

import sqlalchemy as sa
from alembic import op

revision = "identity_c001"
down_revision = "identity_rights"
branch_labels = None
depends_on = None

GRANTS = {
    "totp_factors": "SELECT, INSERT, UPDATE, DELETE",
    "recovery_codes": "SELECT, INSERT, UPDATE (used_at), DELETE",
    "passkeys": "SELECT, INSERT, UPDATE, DELETE",
    "used_challenges": "SELECT, INSERT, DELETE",
    "old_passwords": "SELECT, INSERT, DELETE",
    "devices": "SELECT, INSERT, UPDATE, DELETE",
    "password_resets": "SELECT, INSERT, UPDATE (used_at), DELETE",
}
ADDED = ("awaits", "mfa_at", "proved_at", "network", "device")


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _user() -> sa.Column:
    return sa.Column("user_id", sa.Uuid(), nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["identity.users.id"], name=f"fk_{table}_user_id")


def _id() -> sa.Column:
    return sa.Column("id", sa.Uuid(), nullable=False)


def upgrade() -> None:
    _extend_sessions()
    _create_factors()
    _create_links()
    for table, verbs in GRANTS.items():
        op.execute(f"GRANT {verbs} ON identity.{table} TO identity_app")


def _extend_sessions() -> None:
    op.add_column("sign_in_sessions", sa.Column("awaits", sa.String(length=20)), schema="identity")
    op.add_column("sign_in_sessions", _at("mfa_at", nullable=True), schema="identity")
    op.add_column("sign_in_sessions", _at("proved_at", nullable=True), schema="identity")
    # Sessions from before say less about the person than is asked now: everyone signs in again.
    op.execute(
        "UPDATE identity.sign_in_sessions SET proved_at = signed_in_at,"
        " ended_at = coalesce(ended_at, now())"
    )
    op.alter_column("sign_in_sessions", "proved_at", nullable=False, schema="identity")
    for name, length in (("network", 50), ("device", 60)):
        op.add_column(
            "sign_in_sessions",
            sa.Column(name, sa.String(length=length), nullable=False, server_default=""),
            schema="identity",
        )
        op.alter_column("sign_in_sessions", name, server_default=None, schema="identity")
    op.create_check_constraint(
        op.f("ck_sign_in_sessions_awaits"),
        "sign_in_sessions",
        "awaits IN ('second_factor', 'new_password', 'enrolment')",
        schema="identity",
    )


def _create_factors() -> None:
    op.create_table(
        "totp_factors",
        _id(),
        _user(),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _at("created_at"),
        _at("confirmed_at", nullable=True),
        _of_user("totp_factors"),
        sa.PrimaryKeyConstraint("id", name="pk_totp_factors"),
        schema="identity",
    )
    op.create_index(
        "uq_totp_factors_user_id", "totp_factors", ["user_id"], unique=True, schema="identity"
    )
    op.create_table(
        "recovery_codes",
        _user(),
        sa.Column("digest", sa.String(length=64), nullable=False),
        _at("created_at"),
        _at("used_at", nullable=True),
        _of_user("recovery_codes"),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_codes"),
        schema="identity",
    )
    op.create_table(
        "passkeys",
        _id(),
        _user(),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("transports", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        _at("created_at"),
        _at("last_used_at", nullable=True),
        _of_user("passkeys"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        schema="identity",
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"], schema="identity")
    op.create_table(
        "used_challenges",
        sa.Column("digest", sa.String(length=64), nullable=False),
        _at("used_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_used_challenges"),
        schema="identity",
    )


def _create_links() -> None:
    op.create_table(
        "old_passwords",
        _id(),
        _user(),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        _at("kept_at"),
        _of_user("old_passwords"),
        sa.PrimaryKeyConstraint("id", name="pk_old_passwords"),
        schema="identity",
    )
    op.create_index(
        "ix_old_passwords_user_id_kept_at",
        "old_passwords",
        ["user_id", "kept_at"],
        schema="identity",
    )
    op.create_table(
        "devices",
        _id(),
        _user(),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        _at("first_seen_at"),
        _at("last_seen_at"),
        _of_user("devices"),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        schema="identity",
    )
    op.create_index(
        "uq_devices_user_id_secret_digest",
        "devices",
        ["user_id", "secret_digest"],
        unique=True,
        schema="identity",
    )
    op.create_table(
        "password_resets",
        _id(),
        _user(),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        _at("asked_at"),
        _at("expires_at"),
        _at("used_at", nullable=True),
        _of_user("password_resets"),
        sa.PrimaryKeyConstraint("id", name="pk_password_resets"),
        sa.UniqueConstraint("secret_digest", name="uq_password_resets_secret_digest"),
        schema="identity",
    )
    op.create_index("ix_password_resets_user_id", "password_resets", ["user_id"], schema="identity")


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table, schema="identity")
    op.drop_constraint("ck_sign_in_sessions_awaits", "sign_in_sessions", schema="identity")
    for column in reversed(ADDED):
        op.drop_column("sign_in_sessions", column, schema="identity")
