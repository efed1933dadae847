"""Private signing keys are sealed. Those kept in the clear are given up: the seed makes new ones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_seal_keys"
down_revision = "identity_0004_mails"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM identity.signing_keys")
    op.drop_column("signing_keys", "private_jwk", schema="identity")
    for name, kind in (
        ("public_jwk", postgresql.JSONB(astext_type=sa.Text())),
        ("sealed_private_jwk", sa.LargeBinary()),
    ):
        op.add_column("signing_keys", sa.Column(name, kind, nullable=False), schema="identity")


def downgrade() -> None:
    op.execute("DELETE FROM identity.signing_keys")
    op.drop_column("signing_keys", "sealed_private_jwk", schema="identity")
    op.drop_column("signing_keys", "public_jwk", schema="identity")
    op.add_column(
        "signing_keys",
        sa.Column("private_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        schema="identity",
    )
