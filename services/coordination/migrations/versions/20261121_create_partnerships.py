"""create partnerships"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "coordination_0002"
down_revision = "coordination_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inter_moa_partnerships",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("partnership_type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("objectives", sa.Text(), nullable=False),
        sa.Column("expected_outcomes", sa.Text(), nullable=False),
        sa.Column("deliverables", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("requires_ocm_approval", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("outcome_report", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status <> 'completed' OR outcome_report <> ''",
            name=op.f("ck_inter_moa_partnerships_report"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'pending_approval', 'active', 'on_hold', 'completed', 'terminated')",
            name=op.f("ck_inter_moa_partnerships_status"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'terminated') OR (starts_on IS NOT NULL AND ends_on IS NOT NULL AND objectives <> '')",
            name=op.f("ck_inter_moa_partnerships_complete"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('active', 'on_hold', 'completed') OR activated_at IS NOT NULL",
            name=op.f("ck_inter_moa_partnerships_activation"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('on_hold', 'terminated') OR status_reason <> ''",
            name=op.f("ck_inter_moa_partnerships_reason"),
        ),
        sa.CheckConstraint(
            "activated_by <> created_by", name=op.f("ck_inter_moa_partnerships_activator")
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_inter_moa_partnerships_dates")),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_inter_moa_partnerships"),
        schema="coordination",
    )
    op.create_index(
        "ix_inter_moa_partnerships_org_id_created_at_id",
        "inter_moa_partnerships",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="coordination",
    )
    op.create_index(
        "ix_inter_moa_partnerships_org_id_status",
        "inter_moa_partnerships",
        ["org_id", "status"],
        unique=False,
        schema="coordination",
    )
    op.create_table(
        "known_organizations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("register_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="pk_known_organizations"),
        schema="coordination",
    )
    op.create_table(
        "partnership_invitations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("partnership_title", sa.Text(), nullable=False),
        sa.Column("invited_org_id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("asked_commitment", sa.Text(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removal_reason", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removal_reason = '')",
            name=op.f("ck_partnership_invitations_removal"),
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (expires_at IS NULL)",
            name=op.f("ck_partnership_invitations_sending"),
        ),
        sa.CheckConstraint(
            "invited_org_id <> org_id", name=op.f("ck_partnership_invitations_not_to_itself")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "partnership_id"],
            [
                "coordination.inter_moa_partnerships.org_id",
                "coordination.inter_moa_partnerships.id",
            ],
            name="fk_partnership_invitations_org_id_partnership_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_partnership_invitations"),
        sa.UniqueConstraint(
            "org_id",
            "partnership_id",
            "id",
            "invited_org_id",
            name="uq_partnership_invitations_addressee",
        ),
        schema="coordination",
    )
    op.create_index(
        "ix_partnership_invitations_one_open",
        "partnership_invitations",
        ["org_id", "partnership_id", "invited_org_id"],
        unique=True,
        schema="coordination",
        postgresql_where=sa.text("revoked_at IS NULL AND removed_at IS NULL AND closed_at IS NULL"),
    )
    op.create_table(
        "partnership_activities",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_org_id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("about_org_id", sa.Uuid(), nullable=True),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "deed IN ('submitted', 'returned', 'activated', 'held', 'resumed', 'completed', 'terminated', 'invited', 'revoked', 'accepted', 'declined', 'withdrawn', 'removed', 'committed', 'commitment_changed', 'commitment_cancelled')",
            name=op.f("ck_partnership_activities_deed"),
        ),
        sa.CheckConstraint(
            "(org_id = lead_org_id) = (invitation_id IS NULL)",
            name=op.f("ck_partnership_activities_writer"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_org_id", "partnership_id", "invitation_id", "org_id"],
            [
                "coordination.partnership_invitations.org_id",
                "coordination.partnership_invitations.partnership_id",
                "coordination.partnership_invitations.id",
                "coordination.partnership_invitations.invited_org_id",
            ],
            name="fk_partnership_activities_invitation",
        ),
        sa.ForeignKeyConstraint(
            ["lead_org_id", "partnership_id"],
            [
                "coordination.inter_moa_partnerships.org_id",
                "coordination.inter_moa_partnerships.id",
            ],
            name="fk_partnership_activities_partnership",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_partnership_activities"),
        schema="coordination",
    )
    op.create_index(
        "ix_partnership_activities_timeline",
        "partnership_activities",
        ["org_id", "lead_org_id", "partnership_id", "created_at"],
        unique=False,
        schema="coordination",
    )
    op.create_table(
        "partnership_answers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_org_id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(answer = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            name=op.f("ck_partnership_answers_withdrawal"),
        ),
        sa.CheckConstraint(
            "answer <> 'withdrawn' OR reason <> ''", name=op.f("ck_partnership_answers_reason")
        ),
        sa.CheckConstraint(
            "answer IN ('accepted', 'declined', 'withdrawn')",
            name=op.f("ck_partnership_answers_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_org_id", "partnership_id", "invitation_id", "org_id"],
            [
                "coordination.partnership_invitations.org_id",
                "coordination.partnership_invitations.partnership_id",
                "coordination.partnership_invitations.id",
                "coordination.partnership_invitations.invited_org_id",
            ],
            name="fk_partnership_answers_invitation",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_partnership_answers"),
        schema="coordination",
    )
    op.create_index(
        "ix_partnership_answers_invitation",
        "partnership_answers",
        ["org_id", "lead_org_id", "invitation_id"],
        unique=True,
        schema="coordination",
    )
    op.create_table(
        "partnership_commitments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_org_id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("committed_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("is_delivered", sa.Boolean(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_reason = '')",
            name=op.f("ck_partnership_commitments_cancellation"),
        ),
        sa.CheckConstraint(
            "kind <> 'budget' OR (committed_amount IS NOT NULL AND fiscal_year IS NOT NULL)",
            name=op.f("ck_partnership_commitments_budget"),
        ),
        sa.CheckConstraint(
            "kind IN ('budget', 'staff', 'facility', 'equipment', 'data', 'other')",
            name=op.f("ck_partnership_commitments_kind"),
        ),
        sa.CheckConstraint(
            "(org_id = lead_org_id) = (invitation_id IS NULL)",
            name=op.f("ck_partnership_commitments_writer"),
        ),
        sa.CheckConstraint("committed_amount >= 0", name=op.f("ck_partnership_commitments_amount")),
        sa.CheckConstraint(
            "is_delivered = (delivered_on IS NOT NULL)",
            name=op.f("ck_partnership_commitments_delivery"),
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_partnership_commitments_quantity")),
        sa.ForeignKeyConstraint(
            ["lead_org_id", "partnership_id", "invitation_id", "org_id"],
            [
                "coordination.partnership_invitations.org_id",
                "coordination.partnership_invitations.partnership_id",
                "coordination.partnership_invitations.id",
                "coordination.partnership_invitations.invited_org_id",
            ],
            name="fk_partnership_commitments_invitation",
        ),
        sa.ForeignKeyConstraint(
            ["lead_org_id", "partnership_id"],
            [
                "coordination.inter_moa_partnerships.org_id",
                "coordination.inter_moa_partnerships.id",
            ],
            name="fk_partnership_commitments_partnership",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_partnership_commitments"),
        schema="coordination",
    )
    op.create_index(
        "ix_partnership_commitments_partnership",
        "partnership_commitments",
        ["org_id", "lead_org_id", "partnership_id"],
        unique=False,
        schema="coordination",
    )
    op.create_table(
        "partnership_notes",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_org_id", sa.Uuid(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(org_id = lead_org_id) = (invitation_id IS NULL)",
            name=op.f("ck_partnership_notes_writer"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_org_id", "partnership_id", "invitation_id", "org_id"],
            [
                "coordination.partnership_invitations.org_id",
                "coordination.partnership_invitations.partnership_id",
                "coordination.partnership_invitations.id",
                "coordination.partnership_invitations.invited_org_id",
            ],
            name="fk_partnership_notes_invitation",
        ),
        sa.ForeignKeyConstraint(
            ["lead_org_id", "partnership_id"],
            [
                "coordination.inter_moa_partnerships.org_id",
                "coordination.inter_moa_partnerships.id",
            ],
            name="fk_partnership_notes_partnership",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_partnership_notes"),
        schema="coordination",
    )
    op.create_index(
        "ix_partnership_notes_partnership",
        "partnership_notes",
        ["org_id", "lead_org_id", "partnership_id", "created_at"],
        unique=False,
        schema="coordination",
    )
    secure_tenant_table(op, "inter_moa_partnerships")
    secure_tenant_table(op, "partnership_invitations")
    secure_tenant_table(op, "partnership_commitments")
    secure_tenant_table(op, "partnership_notes")
    secure_tenant_table(op, "partnership_activities", append_only=True)
    secure_tenant_table(op, "partnership_answers")
    # An answer moves from accepted to withdrawn; that it was given never disappears.
    op.execute("REVOKE DELETE ON coordination.partnership_answers FROM coordination_app")
    # Public and no tenant's: see GLOBAL_TABLES.
    known = "coordination.known_organizations"
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {known} TO coordination_app")
    op.execute(f"GRANT SELECT ON {known} TO coordination_ro")


def downgrade() -> None:
    op.drop_index(
        "ix_partnership_notes_partnership",
        table_name="partnership_notes",
        schema="coordination",
    )
    op.drop_table("partnership_notes", schema="coordination")
    op.drop_index(
        "ix_partnership_commitments_partnership",
        table_name="partnership_commitments",
        schema="coordination",
    )
    op.drop_table("partnership_commitments", schema="coordination")
    op.drop_index(
        "ix_partnership_answers_invitation",
        table_name="partnership_answers",
        schema="coordination",
    )
    op.drop_table("partnership_answers", schema="coordination")
    op.drop_index(
        "ix_partnership_activities_timeline",
        table_name="partnership_activities",
        schema="coordination",
    )
    op.drop_table("partnership_activities", schema="coordination")
    op.drop_index(
        "ix_partnership_invitations_one_open",
        table_name="partnership_invitations",
        schema="coordination",
        postgresql_where=sa.text("revoked_at IS NULL AND removed_at IS NULL AND closed_at IS NULL"),
    )
    op.drop_table("partnership_invitations", schema="coordination")
    op.drop_table("known_organizations", schema="coordination")
    op.drop_index(
        "ix_inter_moa_partnerships_org_id_status",
        table_name="inter_moa_partnerships",
        schema="coordination",
    )
    op.drop_index(
        "ix_inter_moa_partnerships_org_id_created_at_id",
        table_name="inter_moa_partnerships",
        schema="coordination",
    )
    op.drop_table("inter_moa_partnerships", schema="coordination")
