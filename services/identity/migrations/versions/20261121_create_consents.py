"""What waits at the authorization endpoint, and what people let clients know."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_consents"
down_revision = "identity_revocations"
branch_labels = None
depends_on = None

GRANTS = {
    "authorization_requests": "SELECT, INSERT, UPDATE, DELETE",
    "consents": "SELECT, INSERT, UPDATE",
}


def upgrade() -> None:
    op.create_table(
        "authorization_requests",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["identity.clients.client_id"],
            name="fk_authorization_requests_client_id",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_authorization_requests"),
        schema="identity",
    )
    op.create_index(
        "ix_authorization_requests_expires_at",
        "authorization_requests",
        ["expires_at"],
        schema="identity",
    )
    _create_consents()
    for table, verbs in GRANTS.items():
        op.execute(f"GRANT {verbs} ON identity.{table} TO identity_app")


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["identity.users.id"], name="fk_consents_user_id"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["identity.clients.client_id"], name="fk_consents_client_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        schema="identity",
    )
    op.create_index(
        "uq_consents_given",
        "consents",
        ["user_id", "client_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table, schema="identity")
