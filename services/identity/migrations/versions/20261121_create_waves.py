"""Waves: organizations that are brought in together."""

import sqlalchemy as sa
from alembic import op

revision = "identity_create_waves"
down_revision = "identity_approvals"
branch_labels = None
depends_on = None

CHANGING = ("waves", "wave_assignments", "wave_milestones", "wave_blockers")


def upgrade() -> None:
    op.create_table(
        "waves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("planned_from", sa.Date(), nullable=False),
        sa.Column("planned_until", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_organizations", sa.Integer(), nullable=False),
        sa.Column("prerequisites", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "paused_at IS NULL OR status = 'in_progress'", name=op.f("ck_waves_paused")
        ),
        sa.CheckConstraint(
            "status <> 'in_progress' OR started_on IS NOT NULL", name=op.f("ck_waves_started")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'in_progress', 'completed', 'cancelled')",
            name=op.f("ck_waves_status"),
        ),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_waves_ended")),
        sa.CheckConstraint("max_organizations BETWEEN 1 AND 100", name=op.f("ck_waves_size")),
        sa.CheckConstraint("planned_until >= planned_from", name=op.f("ck_waves_planned")),
        sa.PrimaryKeyConstraint("id", name="pk_waves"),
        sa.UniqueConstraint("number", name="uq_waves_number"),
        schema="identity",
    )
    op.create_table(
        "wave_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["identity.waves.id"], name="fk_wave_actions_wave_id"),
        sa.PrimaryKeyConstraint("id", name="pk_wave_actions"),
        schema="identity",
    )
    op.create_index(
        "ix_wave_actions_wave_id", "wave_actions", ["wave_id"], unique=False, schema="identity"
    )
    op.create_table(
        "wave_milestones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'in_progress', 'completed', 'delayed', 'blocked')",
            name=op.f("ck_wave_milestones_status"),
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["identity.waves.id"], name="fk_wave_milestones_wave_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wave_milestones"),
        schema="identity",
    )
    op.create_index(
        "ix_wave_milestones_wave_id",
        "wave_milestones",
        ["wave_id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "wave_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("is_standing", sa.Boolean(), nullable=False),
        sa.Column("data_loaded_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'training_scheduled', 'training_complete', 'system_access_granted', 'onboarding_complete')",
            name=op.f("ck_wave_assignments_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["identity.organizations.id"],
            name="fk_wave_assignments_organization_id",
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["identity.waves.id"], name="fk_wave_assignments_wave_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wave_assignments"),
        schema="identity",
    )
    op.create_index(
        "ix_wave_assignments_wave_id",
        "wave_assignments",
        ["wave_id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "uq_wave_assignments_standing",
        "wave_assignments",
        ["organization_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("is_standing"),
    )
    op.create_table(
        "wave_blockers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=14), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "severity IN ('low', 'medium', 'high', 'critical')",
            name=op.f("ck_wave_blockers_severity"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'investigating', 'resolved', 'wont_fix')",
            name=op.f("ck_wave_blockers_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["identity.organizations.id"],
            name="fk_wave_blockers_organization_id",
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["identity.waves.id"], name="fk_wave_blockers_wave_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wave_blockers"),
        schema="identity",
    )
    op.create_index(
        "ix_wave_blockers_wave_id", "wave_blockers", ["wave_id"], unique=False, schema="identity"
    )
    for table in CHANGING:
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON identity.{table} TO identity_app")
    op.execute("GRANT SELECT, INSERT ON identity.wave_actions TO identity_app")


def downgrade() -> None:
    for table in ("wave_actions", "wave_blockers", "wave_milestones", "wave_assignments", "waves"):
        op.drop_table(table, schema="identity")
