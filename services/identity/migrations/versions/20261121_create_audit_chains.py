"""Links over the events of each trail, signed heads over the links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from libs.tenancy.rows import secure_tenant_table

revision = "identity_audit_chains"
down_revision = "identity_number_clients"
branch_labels = None
depends_on = None


def owned(*columns: sa.Column) -> list[sa.Column]:
    """Return the columns of a tenant's row around a table's own."""
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "audit_waiting",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("trail_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_audit_waiting"),
        schema="identity",
    )
    op.create_table(
        "audit_chains",
        sa.Column("trail_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("signed_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trail_id", name="pk_audit_chains"),
        schema="identity",
    )
    op.create_table(
        "audit_keys",
        sa.Column("kid", sa.String(length=60), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sealed_private_jwk", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("kid", name="pk_audit_keys"),
        schema="identity",
    )
    op.create_table(
        "audit_links",
        *owned(
            sa.Column("seq", sa.BigInteger(), nullable=False),
            sa.Column("event_id", sa.Uuid(), nullable=False),
            sa.Column("hash", sa.String(length=64), nullable=False),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_audit_links"),
        sa.UniqueConstraint("org_id", "seq", name="uq_audit_links_org_id_seq"),
        sa.UniqueConstraint("org_id", "event_id", name="uq_audit_links_org_id_event_id"),
        schema="identity",
    )
    op.create_table(
        "audit_heads",
        *owned(
            sa.Column("seq", sa.BigInteger(), nullable=False),
            sa.Column("hash", sa.String(length=64), nullable=False),
            sa.Column("statement", sa.Text(), nullable=False),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_audit_heads"),
        sa.UniqueConstraint("org_id", "seq", name="uq_audit_heads_org_id_seq"),
        schema="identity",
    )
    secure_tenant_table(op, "audit_links", append_only=True)
    secure_tenant_table(op, "audit_heads", append_only=True)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON identity.audit_waiting TO identity_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON identity.audit_chains TO identity_app")
    op.execute("GRANT SELECT, INSERT ON identity.audit_keys TO identity_app")
    # What was recorded before there were chains is linked first; the policy hides it from us.
    for statement in (
        "ALTER TABLE identity.audit_events NO FORCE ROW LEVEL SECURITY",
        (
            "INSERT INTO identity.audit_waiting (event_id, trail_id)"
            " SELECT id, org_id FROM identity.audit_events"
        ),
        "ALTER TABLE identity.audit_events FORCE ROW LEVEL SECURITY",
    ):
        op.execute(statement)


def downgrade() -> None:
    for table in ("audit_heads", "audit_links", "audit_keys", "audit_chains", "audit_waiting"):
        op.drop_table(table, schema="identity")
