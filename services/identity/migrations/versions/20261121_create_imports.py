"""Imports: files of people who are invited together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "identity_create_imports"
down_revision = "identity_create_invitations"
branch_labels = None
depends_on = None

WORKER = "00000000-0000-7000-8000-000000000001"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("send_emails", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("permissions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("is_applied", sa.Boolean(), nullable=False),
        sa.Column("is_stopping", sa.Boolean(), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('queued', 'running')) = (sealed IS NOT NULL)",
            name=op.f("ck_imports_wiped"),
        ),
        sa.CheckConstraint(
            "(status IN ('queued', 'running')) = (settled_at IS NULL)",
            name=op.f("ck_imports_settled"),
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'finished', 'cancelled')",
            name=op.f("ck_imports_status"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organizations.id"], name="fk_imports_org_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_imports"),
        schema="identity",
    )
    op.create_index(
        "ix_imports_org_id_created_at",
        "imports",
        ["org_id", "created_at"],
        unique=False,
        schema="identity",
    )
    secure_tenant_table(op, "imports")
    # The worker finds what waits, of any organization; it takes it up as that organization.
    share_for_select(
        op,
        "imports",
        name="waiting",
        using=f"settled_at IS NULL AND (SELECT current_setting('app.actor_id', true)) = '{WORKER}'",
    )


def downgrade() -> None:
    op.drop_table("imports", schema="identity")
