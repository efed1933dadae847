"""When the last failures of an account were, so that ten within any hour are seen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_slide_alarms"
down_revision = "identity_delegations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sign_in_attempts",
        sa.Column(
            "recent",
            postgresql.ARRAY(sa.DateTime(timezone=True)),
            nullable=False,
            server_default=sa.text("'{}'"),
        ),
        schema="identity",
    )


def downgrade() -> None:
    op.drop_column("sign_in_attempts", "recent", schema="identity")
