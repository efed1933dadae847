"""What an account's life leaves on it, and when a membership ended."""

import sqlalchemy as sa
from alembic import op

revision = "identity_users_states"
down_revision = "identity_0003"
branch_labels = None
depends_on = None

STATUSES = "'invited', 'registered', 'endorsed', 'rejected', 'active', 'locked', 'deactivated'"
BEFORE = "status IN ('active', 'deactivated')"
DEACTIVATED = (
    "(status = 'deactivated') = (deactivated_at IS NOT NULL)"
    " AND (deactivated_at IS NULL) = (deactivated_by IS NULL)"
    " AND (status <> 'deactivated' OR deactivated_reason <> '')"
)
NOBODY_S_HASH = (
    "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("username", sa.String(length=150), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("language", sa.String(length=3), nullable=False, server_default="en"),
        sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("locked_until", moment, nullable=True),
        sa.Column("lock_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("last_sign_in_at", moment, nullable=True),
        sa.Column("deactivated_at", moment, nullable=True),
        sa.Column("deactivated_by", sa.Uuid(), nullable=True),
        sa.Column("deactivated_reason", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("users", column, schema="identity")
        op.alter_column("users", column.name, server_default=None, schema="identity")
    for name in ("password_hash", "password_changed_at"):
        op.alter_column("users", name, nullable=True, schema="identity")
    op.execute(
        "UPDATE identity.users SET deactivated_at = updated_at, deactivated_by = id,"
        " deactivated_reason = 'Before reasons were kept.' WHERE status = 'deactivated'"
    )
    op.create_index(
        "uq_users_username",
        "users",
        [sa.literal_column("lower(username)")],
        unique=True,
        schema="identity",
    )
    op.create_index("ix_users_status", "users", ["status"], unique=False, schema="identity")
    op.drop_constraint(op.f("ck_users_status"), "users", schema="identity")
    for name, condition in (
        ("status", f"status IN ({STATUSES})"),
        ("language", "language IN ('en', 'fil')"),
        ("phone", "phone = '' OR phone ~ '^[+][1-9][0-9]{7,14}$'"),
        ("username", "username !~ '[@[:space:]]'"),
        ("deactivated", DEACTIVATED),
        ("locked", "status = 'locked' OR (locked_until IS NULL AND lock_reason = '')"),
    ):
        op.create_check_constraint(op.f(f"ck_users_{name}"), "users", condition, schema="identity")
    op.add_column("memberships", sa.Column("ended_on", sa.Date(), nullable=True), schema="identity")
    op.add_column(
        "memberships", sa.Column("invited_by", sa.Uuid(), nullable=True), schema="identity"
    )
    op.execute("UPDATE identity.memberships SET ended_on = current_date WHERE NOT is_active")
    op.create_check_constraint(
        op.f("ck_memberships_ended"),
        "memberships",
        "is_active = (ended_on IS NULL) AND ended_on >= joined_on",
        schema="identity",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_memberships_ended"), "memberships", schema="identity")
    for name in ("invited_by", "ended_on"):
        op.drop_column("memberships", name, schema="identity")
    for name in ("locked", "deactivated", "username", "phone", "language", "status"):
        op.drop_constraint(op.f(f"ck_users_{name}"), "users", schema="identity")
    op.execute(
        f"UPDATE identity.users SET password_hash = '{NOBODY_S_HASH}', password_changed_at = now()"
        " WHERE password_hash IS NULL"
    )
    op.execute("UPDATE identity.users SET status = 'deactivated' WHERE status <> 'active'")
    for name in ("password_hash", "password_changed_at"):
        op.alter_column("users", name, nullable=False, schema="identity")
    op.create_check_constraint(op.f("ck_users_status"), "users", BEFORE, schema="identity")
    op.drop_index("ix_users_status", "users", schema="identity")
    op.drop_index("uq_users_username", "users", schema="identity")
    for name in (
        *("deactivated_reason", "deactivated_by", "deactivated_at", "last_sign_in_at"),
        *("lock_reason", "locked_until", "must_change_password", "language", "phone", "username"),
    ):
        op.drop_column("users", name, schema="identity")
