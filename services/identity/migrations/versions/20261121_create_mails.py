"""Mails that wait to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "identity_0004_mails"
down_revision = "identity_users_states"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_fault", sa.String(length=200), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'sent', 'refused', 'given_up', 'cancelled')",
            name=op.f("ck_mails_status"),
        ),
        sa.CheckConstraint(
            "(status = 'queued') = (sealed IS NOT NULL)", name=op.f("ck_mails_wiped")
        ),
        sa.CheckConstraint(
            "(status = 'queued') = (settled_at IS NULL)", name=op.f("ck_mails_settled")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        schema="identity",
    )
    op.create_index(
        "ix_mails_next_attempt_at",
        "mails",
        ["next_attempt_at"],
        schema="identity",
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON identity.mails TO identity_app")


def downgrade() -> None:
    op.drop_table("mails", schema="identity")
