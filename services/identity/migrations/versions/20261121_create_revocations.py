"""What was taken away, for as long as a token from before may live."""

import sqlalchemy as sa
from alembic import op

revision = "identity_revocations"
down_revision = "identity_audit_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
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
            "(session_id IS NOT NULL) <> (user_id IS NOT NULL OR organization_id IS NOT NULL)",
            name=op.f("ck_revocations_whose"),
        ),
        sa.CheckConstraint("issued_before < expires_at", name=op.f("ck_revocations_order")),
        sa.PrimaryKeyConstraint("id", name="pk_revocations"),
        schema="identity",
    )
    for column in ("session_id", "user_id", "organization_id"):
        op.create_index(
            f"ix_revocations_{column}",
            "revocations",
            [column],
            unique=False,
            schema="identity",
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_index(
        "ix_revocations_expires_at", "revocations", ["expires_at"], unique=False, schema="identity"
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON identity.revocations TO identity_app")


def downgrade() -> None:
    op.drop_table("revocations", schema="identity")
