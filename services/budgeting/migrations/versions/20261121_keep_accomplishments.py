"""keep accomplishments"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_figures_0019"
down_revision = "budgeting_figures_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accomplishments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("accomplished_quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("accomplished_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'in_progress', 'completed', 'cancelled')",
            name=op.f("ck_accomplishments_status"),
        ),
        sa.CheckConstraint(
            "accomplished_quantity BETWEEN 0 AND 999999999.999",
            name=op.f("ck_accomplishments_accomplished"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "work_item_id"],
            ["budgeting.work_items.org_id", "budgeting.work_items.id"],
            name="fk_accomplishments_org_id_work_item_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_accomplishments"),
        schema="budgeting",
    )
    op.create_index(
        "ix_accomplishments_org_id_work_item_id_accomplished_on",
        "accomplishments",
        ["org_id", "work_item_id", "accomplished_on"],
        unique=False,
        schema="budgeting",
    )
    # What was told before is known by its last state alone.
    op.execute("ALTER TABLE budgeting.work_items NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO budgeting.accomplishments SELECT org_id, gen_random_uuid(), id, status,"
        " accomplished_quantity, (updated_at AT TIME ZONE 'Asia/Manila')::date, 1,"
        " updated_at, updated_by, updated_at, updated_by FROM budgeting.work_items"
        " WHERE status <> 'planned'"
    )
    op.execute("ALTER TABLE budgeting.work_items FORCE ROW LEVEL SECURITY")
    secure_tenant_table(op, "accomplishments", append_only=True)


def downgrade() -> None:
    op.drop_table("accomplishments", schema="budgeting")
