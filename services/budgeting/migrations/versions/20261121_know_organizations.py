"""know organizations"""

import sqlalchemy as sa
from alembic import op

revision = "budgeting_0016"
down_revision = "budgeting_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_organizations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("register_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="pk_known_organizations"),
        schema="budgeting",
    )
    # Public and no tenant's: see GLOBAL_TABLES.
    known = "budgeting.known_organizations"
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {known} TO budgeting_app")
    op.execute(f"GRANT SELECT ON {known} TO budgeting_ro")


def downgrade() -> None:
    op.drop_table("known_organizations", schema="budgeting")
