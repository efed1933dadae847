"""keep stand ins"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_stand_ins_0028"
down_revision = "budgeting_offices_0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stand_ins",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("for_user_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("for_user_id <> created_by", name=op.f("ck_stand_ins_another")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_stand_ins"),
        schema="budgeting",
    )
    op.create_index(
        "ix_stand_ins_org_id_created_at_id",
        "stand_ins",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_stand_ins_org_id_for_user_id",
        "stand_ins",
        ["org_id", "for_user_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_stand_ins_org_id_subject_id",
        "stand_ins",
        ["org_id", "subject_id"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "stand_ins", append_only=True)


def downgrade() -> None:
    op.drop_index("ix_stand_ins_org_id_subject_id", table_name="stand_ins", schema="budgeting")
    op.drop_index("ix_stand_ins_org_id_for_user_id", table_name="stand_ins", schema="budgeting")
    op.drop_index("ix_stand_ins_org_id_created_at_id", table_name="stand_ins", schema="budgeting")
    op.drop_table("stand_ins", schema="budgeting")
