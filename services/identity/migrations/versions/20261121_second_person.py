"""More acts that take two people: a lost factor, a suspension; and OCM's own administrators."""

import sqlalchemy as sa
from alembic import op

revision = "identity_second_person"
down_revision = "identity_registrations"
branch_labels = None
depends_on = None

KINDS = "'system_grant', 'organization_retirement', 'people_export'"
MORE_KINDS = "'organization_suspension', 'factor_reset'"
GRANTS = (
    "'platform_administrator', 'ocm_analyst', 'ocm_executive', 'bpda_analyst', 'coa_auditor',"
    " 'moa_coordinator', 'mfbm_analyst', 'mfbm_approver'"
)


FORMER = "ck_approvals_ck_approvals_kind"
"""The name that the first migration of approvals gave its check."""


def _check(table: str, name: str, condition: str, *, before: str | None = None) -> None:
    op.drop_constraint(op.f(before or name), table, schema="identity")
    op.create_check_constraint(op.f(name), table, condition, schema="identity")


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column("must_enrol_factor", sa.Boolean(), nullable=False, server_default="false"),
        schema="identity",
    )
    op.alter_column("users", "must_enrol_factor", server_default=None, schema="identity")
    _check("approvals", "ck_approvals_kind", f"kind IN ({KINDS}, {MORE_KINDS})", before=FORMER)
    op.create_check_constraint(
        op.f("ck_approvals_not_oneself"),
        "approvals",
        "requested_by <> subject_id",
        schema="identity",
    )
    _check("system_grants", "ck_system_grants_kind", f"kind IN ({GRANTS}, 'ocm_administrator')")


def downgrade() -> None:
    op.execute(f"DELETE FROM identity.approvals WHERE kind IN ({MORE_KINDS})")
    op.execute("DELETE FROM identity.system_grants WHERE kind = 'ocm_administrator'")
    _check("system_grants", "ck_system_grants_kind", f"kind IN ({GRANTS})")
    op.drop_constraint(op.f("ck_approvals_not_oneself"), "approvals", schema="identity")
    _check("approvals", FORMER, f"kind IN ({KINDS})", before="ck_approvals_kind")
    op.drop_column("users", "must_enrol_factor", schema="identity")
