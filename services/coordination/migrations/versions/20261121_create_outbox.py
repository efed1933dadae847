"""The tables every service has: outbox, inbox, checkpoints, parked events, idempotency keys."""

from alembic import op

from libs.outbox.tables import create_outbox_tables, drop_outbox_tables

revision = "coordination_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_outbox_tables(op)


def downgrade() -> None:
    drop_outbox_tables(op)
