"""Let issuers and the organizations they concern read each other's documents; close new columns."""

from alembic import op

from libs.tenancy.rows import share_for_select

revision = "budgeting_f006"
down_revision = "budgeting_f005"
branch_labels = None
depends_on = None

ME = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"

ISSUED = "SELECT c.org_id, c.id FROM budgeting.budget_calls c WHERE c.status IN ('open', 'closed', 'archived')"

POLICIES = (
    (
        "budget_calls",
        "issued_to_all",
        f"status IN ('open', 'closed', 'archived') AND {ME} IS NOT NULL",
    ),
    ("call_extensions", "given_to_us", f"for_org_id = {ME}"),
    (
        "ceilings",
        "set_for_us",
        f"(for_org_id = {ME} OR for_org_id IS NULL) AND (org_id, budget_call_id) IN ({ISSUED})",
    ),
    ("submissions", "submitted_to_us", f"reviewer_org_id = {ME}"),
    ("withdrawals", "told_to_reviewer", f"reviewer_org_id = {ME}"),
    (
        "reviews",
        "told_to_submitter",
        f"submission_org_id = {ME} AND status IN ('returned', 'approved', 'rejected')",
    ),
    ("deliveries", "told_to_issuer", f"issuer_org_id = {ME}"),
)

SOURCES = (
    "'block_grant', 'national_tax_share', 'regional_taxes', 'special_development_fund',"
    " 'transitional_development_fund', 'prior_year_savings', 'grants_and_oda', 'others'"
)

CHECKS = (
    ("programs", "funding_source", f"funding_source IN ({SOURCES})"),
    ("programs", "tier", "tier IN (1, 2)"),
    (
        "programs",
        "prior_year_actual",
        "prior_year_actual_amount BETWEEN 0 AND 9999999999999999.99",
    ),
    (
        "programs",
        "current_appropriation",
        "current_year_appropriation_amount BETWEEN 0 AND 9999999999999999.99",
    ),
    ("proposals", "endorsed", "(endorsed_at IS NULL) = (endorsed_by IS NULL)"),
    ("proposals", "endorser", "endorsed_by <> ALL (preparers)"),
    ("proposals", "called", "(budget_call_id IS NULL) = (reviewer_org_id IS NULL)"),
    ("submissions", "reviewer", "(reviewer_org_id IS NULL) = (budget_call_id IS NULL)"),
)

STEPS = (
    "('submission', 'submitted'), ('submission', 'withdrawn'), ('review', 'reviewed'),"
    " ('review', 'returned'), ('approval', 'approved'), ('approval', 'rejected')"
)

REPLACED = (
    (
        "decision",
        f"(stage, decision) IN (('endorsement', 'endorsed'), {STEPS})",
        f"(stage, decision) IN ({STEPS})",
    ),
    (
        "revision",
        "revision >= 1 OR decision = 'endorsed' AND revision = 0",
        "revision >= 1",
    ),
)


FILLED = {
    "line_items": ("sub_category", "procurement_mode", "procurement_reference"),
    "programs": (
        "alignment",
        "prexc_code",
        "location",
        "beneficiaries",
        "is_multi_year",
        "tags",
    ),
}
"""Columns whose default was for the rows that were there already."""


def upgrade() -> None:
    for table, columns in FILLED.items():
        for column in columns:
            op.alter_column(table, column, server_default=None, schema="budgeting")
    for table, name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, schema="budgeting")
    for name, condition, _before in REPLACED:
        _replace(name, condition)
    for table, name, using in POLICIES:
        share_for_select(op, table, name=name, using=using)


def downgrade() -> None:
    for table, name, _using in POLICIES:
        op.execute(f"DROP POLICY {name} ON budgeting.{table}")
    for name, _condition, before in REPLACED:
        _replace(name, before)
    for table, name, _condition in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, schema="budgeting")


def _replace(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_decisions_{name}"), "decisions", schema="budgeting")
    op.create_check_constraint(
        op.f(f"ck_decisions_{name}"), "decisions", condition, schema="budgeting"
    )
