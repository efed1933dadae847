"""Members are listed in the order in which they joined, page by page, however many there are."""

from alembic import op

revision = "identity_list_members"
down_revision = "identity_create_waves"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_memberships_org_id_created_at_id",
        "memberships",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="identity",
    )


def downgrade() -> None:
    op.drop_index(
        "ix_memberships_org_id_created_at_id", table_name="memberships", schema="identity"
    )
