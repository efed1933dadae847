"""The relay clears away what is over: keys a day old, inbox rows behind the position."""

from alembic import op

from libs.outbox.tables import keep_relay_from_expiring, let_relay_expire

revision = "budgeting_expiry"
down_revision = "budgeting_endorsers_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    let_relay_expire(op)


def downgrade() -> None:
    keep_relay_from_expiring(op)
