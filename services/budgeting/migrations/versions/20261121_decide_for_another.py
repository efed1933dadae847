"""decide for another"""

import sqlalchemy as sa
from alembic import op

revision = "budgeting_prep_0018"
down_revision = "budgeting_cash_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "decisions", sa.Column("for_user_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.create_check_constraint(
        op.f("ck_decisions_for_another"),
        "decisions",
        "for_user_id <> created_by",
        schema="budgeting",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_decisions_for_another"), "decisions", schema="budgeting")
    op.drop_column("decisions", "for_user_id", schema="budgeting")
