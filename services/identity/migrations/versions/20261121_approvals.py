"""Dangerous acts that need a second person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "identity_approvals"
down_revision = "identity_audit_chains"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_reason", sa.Text(), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'executed') = (executed_at IS NOT NULL)", name="ck_approvals_executed"
        ),
        sa.CheckConstraint(
            "(status IN ('approved', 'executed')) = (approved_by IS NOT NULL) AND (approved_by IS NULL) = (approved_at IS NULL)",
            name="ck_approvals_approved",
        ),
        sa.CheckConstraint(
            "kind IN ('system_grant', 'organization_retirement', 'people_export')",
            name="ck_approvals_kind",
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'executed', 'rejected', 'cancelled')",
            name="ck_approvals_status",
        ),
        sa.CheckConstraint(
            "approved_by <> requested_by AND approved_by <> subject_id",
            name="ck_approvals_four_eyes",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organizations.id"], name="fk_approvals_org_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_approvals"),
        schema="identity",
    )
    op.create_index(
        "ix_approvals_org_id_status_expires_at",
        "approvals",
        ["org_id", "status", "expires_at"],
        unique=False,
        schema="identity",
    )
    secure_tenant_table(op, "approvals")


def downgrade() -> None:
    op.drop_index(
        "ix_approvals_org_id_status_expires_at", table_name="approvals", schema="identity"
    )
    op.drop_table("approvals", schema="identity")
