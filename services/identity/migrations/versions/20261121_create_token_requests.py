"""What clients prove and push, what devices ask, and what a family of tokens is bound to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_token_requests"
down_revision = "identity_create_imports"
branch_labels = None
depends_on = None

GRANTS = {
    "used_proofs": "SELECT, INSERT, DELETE",
    "pushed_requests": "SELECT, INSERT, UPDATE (used_at), DELETE",
    "device_authorizations": "SELECT, INSERT, UPDATE, DELETE",
}


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "used_proofs",
        sa.Column("digest", sa.String(length=64), nullable=False),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_proofs")),
        schema="identity",
    )
    op.create_table(
        "pushed_requests",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pushed_requests")),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["identity.clients.client_id"],
            name=op.f("fk_pushed_requests_client_id"),
        ),
        schema="identity",
    )
    op.create_table(
        "device_authorizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_digest", sa.String(length=64), nullable=False),
        sa.Column("user_digest", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=True),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        _instant("polled_at", nullable=True),
        _instant("expires_at"),
        sa.Column("dpop_jkt", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'denied', 'used')",
            name=op.f("ck_device_authorizations_status"),
        ),
        sa.CheckConstraint(
            "(authorization_id IS NOT NULL) = (status IN ('approved', 'used'))",
            name=op.f("ck_device_authorizations_approved"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_authorizations")),
        sa.UniqueConstraint("device_digest", name=op.f("uq_device_authorizations_device_digest")),
        sa.UniqueConstraint("user_digest", name=op.f("uq_device_authorizations_user_digest")),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["identity.clients.client_id"],
            name=op.f("fk_device_authorizations_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authorization_id"],
            ["identity.authorizations.id"],
            name=op.f("fk_device_authorizations_authorization_id"),
        ),
        schema="identity",
    )
    for table, column in (
        *((table, "expires_at") for table in GRANTS),
        ("pushed_requests", "client_id"),
        ("authorizations", "organization_id"),
        ("authorizations", "client_id"),
        ("authorizations", "expires_at"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema="identity")
    _bind_families()
    for table, verbs in GRANTS.items():
        op.execute(f"GRANT {verbs} ON identity.{table} TO identity_app")
    # What is over is cleared away by the worker, a little at a time.
    for table in ("authorizations", "authorization_codes", "refresh_tokens", "sign_in_sessions"):
        op.execute(f"GRANT DELETE ON identity.{table} TO identity_app")
    op.execute("GRANT UPDATE (signs_from), DELETE ON identity.signing_keys TO identity_app")


def _bind_families() -> None:
    for table, name, kind in (
        ("authorization_codes", "dpop_jkt", sa.String(length=64)),
        ("authorizations", "dpop_jkt", sa.String(length=64)),
        ("authorizations", "observed_from_id", sa.Uuid()),
        ("authorizations", "purpose", sa.String(length=40)),
        ("authorizations", "reference", sa.String(length=200)),
    ):
        op.add_column(table, sa.Column(name, kind, nullable=True), schema="identity")
    op.create_foreign_key(
        op.f("fk_authorizations_observed_from_id"),
        "authorizations",
        "organizations",
        ["observed_from_id"],
        ["id"],
        source_schema="identity",
        referent_schema="identity",
    )
    op.create_check_constraint(
        op.f("ck_authorizations_observation"),
        "authorizations",
        "num_nulls(observed_from_id, purpose, reference) IN (0, 3)"
        " AND observed_from_id IS DISTINCT FROM organization_id",
        schema="identity",
    )


def downgrade() -> None:
    op.execute("REVOKE UPDATE (signs_from), DELETE ON identity.signing_keys FROM identity_app")
    for table in ("authorizations", "authorization_codes", "refresh_tokens", "sign_in_sessions"):
        op.execute(f"REVOKE DELETE ON identity.{table} FROM identity_app")
    op.drop_constraint(op.f("ck_authorizations_observation"), "authorizations", schema="identity")
    for column in ("reference", "purpose", "observed_from_id", "dpop_jkt"):
        op.drop_column("authorizations", column, schema="identity")
    op.drop_column("authorization_codes", "dpop_jkt", schema="identity")
    for column in ("organization_id", "client_id", "expires_at"):
        op.drop_index(op.f(f"ix_authorizations_{column}"), "authorizations", schema="identity")
    for table in reversed(GRANTS):
        op.drop_table(table, schema="identity")
