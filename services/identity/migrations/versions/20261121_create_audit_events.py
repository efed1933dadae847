"""The trail: what was done, by whom, to what; appended and never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "identity_audit_0001"
down_revision = "identity_logouts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            r"action ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'", name=op.f("ck_audit_events_action_form")
        ),
        sa.CheckConstraint("entity ~ '^[a-z][a-z_]*$'", name=op.f("ck_audit_events_entity_form")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_audit_events"),
        schema="identity",
    )
    for columns, condition in (
        (["org_id", "created_at", "id"], None),
        (["org_id", "action", "created_at"], None),
        (["org_id", "created_by", "created_at"], None),
        (["org_id", "person_id", "created_at"], "person_id IS NOT NULL"),
        (["org_id", "entity", "entity_id", "created_at"], "entity_id IS NOT NULL"),
    ):
        op.create_index(
            f"ix_audit_events_{'_'.join(columns)}",
            "audit_events",
            columns,
            unique=False,
            schema="identity",
            postgresql_where=sa.text(condition) if condition else None,
        )
    secure_tenant_table(op, "audit_events", append_only=True)


def downgrade() -> None:
    op.drop_table("audit_events", schema="identity")
