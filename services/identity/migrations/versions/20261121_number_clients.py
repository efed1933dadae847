"""An id for clients beside their name, by which lists go on and the trail speaks of them."""

import sqlalchemy as sa
from alembic import op

revision = "identity_number_clients"
down_revision = "identity_register_states"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()")),
        schema="identity",
    )
    op.alter_column("clients", "id", server_default=None, schema="identity")
    op.create_unique_constraint("uq_clients_id", "clients", ["id"], schema="identity")


def downgrade() -> None:
    op.drop_column("clients", "id", schema="identity")
