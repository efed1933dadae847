"""delegate decisions"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "identity_delegations"
down_revision = "identity_more_duties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("delegator_id", sa.Uuid(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason ~ '[^[:space:]]'", name=op.f("ck_delegations_reason")),
        sa.CheckConstraint(
            "cardinality(permissions) BETWEEN 1 AND 20 AND permissions <@ ARRAY["
            "'budgeting.proposal.approve', 'budgeting.proposal.endorse',"
            " 'budgeting.proposal.reject', 'budgeting.proposal.return',"
            " 'budgeting.proposal.review']",
            name=op.f("ck_delegations_permissions"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_delegations_span")),
        sa.CheckConstraint(
            "user_id <> delegator_id AND delegator_id = created_by",
            name=op.f("ck_delegations_another"),
        ),
        sa.ForeignKeyConstraint(
            ["delegator_id"], ["identity.users.id"], name="fk_delegations_delegator_id"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "membership_id"],
            ["identity.memberships.org_id", "identity.memberships.id"],
            name="fk_delegations_org_id_membership_id",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity.users.id"], name="fk_delegations_user_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_delegations"),
        schema="identity",
    )
    op.create_index(
        "ix_delegations_org_id_delegator_id",
        "delegations",
        ["org_id", "delegator_id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "ix_delegations_org_id_membership_id_ends_at",
        "delegations",
        ["org_id", "membership_id", "ends_at"],
        unique=False,
        schema="identity",
    )
    secure_tenant_table(op, "delegations")


def downgrade() -> None:
    op.drop_index(
        "ix_delegations_org_id_membership_id_ends_at", table_name="delegations", schema="identity"
    )
    op.drop_index("ix_delegations_org_id_delegator_id", table_name="delegations", schema="identity")
    op.drop_table("delegations", schema="identity")
