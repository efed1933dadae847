"""An allocation names the office that spends it."""

import sqlalchemy as sa
from alembic import op

revision = "budgeting_offices_0031"
down_revision = "budgeting_expiry"
branch_labels = None
depends_on = None

INDEX = "uq_allocations_program"
KEYS = ["org_id", "appropriation_item_id", "program_id", "program_title"]


def upgrade() -> None:
    op.add_column(
        "allocations",
        sa.Column("office", sa.Text(), server_default=sa.text("''"), nullable=False),
        schema="budgeting",
    )
    _index([*KEYS, "office"])


def downgrade() -> None:
    _index(KEYS)
    op.drop_column("allocations", "office", schema="budgeting")


def _index(columns: list[str]) -> None:
    op.drop_index(INDEX, table_name="allocations", schema="budgeting")
    op.create_index(
        INDEX,
        "allocations",
        columns,
        unique=True,
        schema="budgeting",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
