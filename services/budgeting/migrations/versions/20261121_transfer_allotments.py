"""Allotments move between organizations: a kind of posting of its own, in the same trigger."""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table, share_for_select

revision = "budgeting_0026"
down_revision = "budgeting_prep_0018"
branch_labels = None
depends_on = None

KINDS = (
    "appropriated",
    "appropriation_adjusted",
    "appropriation_lapsed",
    "allocated",
    "allocation_adjusted",
    "allocation_lapsed",
    "allotted",
    "allotment_adjusted",
    "allotment_lapsed",
    "reserved",
    "reservation_released",
    "obligated",
    "obligation_adjusted",
    "disbursed",
    "disbursement_voided",
)
# What the ledger's trigger says of the kinds: as it was, and with what is transferred. An
# organization to which nothing was ever appropriated has a ledger with the first transfer.
RULES = (
    (
        "WHEN NEW.kind IN (''allotted'', ''allotment_adjusted'') THEN",
        "WHEN NEW.kind IN (''allotted'', ''allotment_adjusted'', ''allotment_transferred'') THEN",
    ),
    (
        "(''allotted'', ''allotment_adjusted'', ''reserved'',",
        "(''allotted'', ''allotment_adjusted'', ''allotment_transferred'', ''reserved'',",
    ),
    (
        "IF NEW.kind = ''appropriated'' THEN",
        "IF NEW.kind IN (''appropriated'', ''appropriation_adjusted'') THEN",
    ),
)


def upgrade() -> None:
    op.create_table(
        "allotment_transfers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("to_org_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_org_id", sa.Uuid(), nullable=False),
        sa.Column("act_item_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("program_title", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'draft') = (approved_by IS NULL)",
            name=op.f("ck_allotment_transfers_approved_known"),
        ),
        sa.CheckConstraint(
            "(status IN ('draft', 'approved')) = (posting_id IS NULL)",
            name=op.f("ck_allotment_transfers_given"),
        ),
        sa.CheckConstraint(
            "legal_basis ~ '[^[:space:]]'", name=op.f("ck_allotment_transfers_legal_basis")
        ),
        sa.CheckConstraint("reason ~ '[^[:space:]]'", name=op.f("ck_allotment_transfers_reason")),
        sa.CheckConstraint(
            "status <> 'returned' OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_allotment_transfers_remarks"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'given', 'received', 'returned')",
            name=op.f("ck_allotment_transfers_status"),
        ),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_allotment_transfers_approved"),
        ),
        sa.CheckConstraint(
            "(posting_id IS NULL) = (given_on IS NULL)", name=op.f("ck_allotment_transfers_dated")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0.01 AND 9999999999999999.99",
            name=op.f("ck_allotment_transfers_amount"),
        ),
        sa.CheckConstraint(
            "approved_by <> created_by", name=op.f("ck_allotment_transfers_approver")
        ),
        sa.CheckConstraint("to_org_id <> org_id", name=op.f("ck_allotment_transfers_another")),
        sa.ForeignKeyConstraint(
            ["org_id", "allotment_id"],
            ["budgeting.allotments.org_id", "budgeting.allotments.id"],
            name="fk_allotment_transfers_org_id_allotment_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "posting_id"],
            ["budgeting.postings.org_id", "budgeting.postings.id"],
            name="fk_allotment_transfers_org_id_posting_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_allotment_transfers"),
        schema="budgeting",
    )
    op.create_index(
        "ix_allotment_transfers_org_id_allotment_id",
        "allotment_transfers",
        ["org_id", "allotment_id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "ix_allotment_transfers_org_id_created_at_id",
        "allotment_transfers",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.add_column(
        "releases", sa.Column("allotment_transfer_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.add_column("releases", sa.Column("to_org_id", sa.Uuid(), nullable=True), schema="budgeting")
    op.add_column(
        "releases", sa.Column("act_item_id", sa.Uuid(), nullable=True), schema="budgeting"
    )
    op.drop_index("uq_releases_issued", table_name="releases", schema="budgeting")
    op.create_index(
        "uq_releases_issued",
        "releases",
        ["org_id", "allotment_id", "allotment_transfer_id"],
        unique=True,
        schema="budgeting",
        postgresql_nulls_not_distinct=True,
    )
    secure_tenant_table(op, "allotment_transfers")
    me = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"
    share_for_select(
        op,
        "allotment_transfers",
        name="submitted_to_us",
        using=f"issuer_org_id = {me} AND status <> 'draft'",
    )
    op.create_check_constraint(
        op.f("ck_releases_transfer"),
        "releases",
        "num_nonnulls(allotment_transfer_id, to_org_id, act_item_id) IN (0, 3)",
        schema="budgeting",
    )
    _bound_enacted("0")
    _allow_kinds((*KINDS, "allotment_transferred"))
    op.create_check_constraint(
        op.f("ck_postings_transferred"),
        "postings",
        "kind <> 'allotment_transferred' OR reason ~ '[^[:space:]]'",
        schema="budgeting",
    )
    for before, after in RULES:
        _rewrite(before, after)


def downgrade() -> None:
    for before, after in RULES:
        _rewrite(after, before)
    op.drop_constraint(op.f("ck_postings_transferred"), "postings", schema="budgeting")
    _allow_kinds(KINDS)
    _bound_enacted("0.01")
    op.drop_constraint(op.f("ck_releases_transfer"), "releases", schema="budgeting")
    op.drop_index(
        "uq_releases_issued",
        table_name="releases",
        schema="budgeting",
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "uq_releases_issued",
        "releases",
        ["org_id", "allotment_id"],
        unique=True,
        schema="budgeting",
    )
    op.drop_column("releases", "act_item_id", schema="budgeting")
    op.drop_column("releases", "to_org_id", schema="budgeting")
    op.drop_column("releases", "allotment_transfer_id", schema="budgeting")
    op.drop_index(
        "ix_allotment_transfers_org_id_created_at_id",
        table_name="allotment_transfers",
        schema="budgeting",
    )
    op.drop_index(
        "ix_allotment_transfers_org_id_allotment_id",
        table_name="allotment_transfers",
        schema="budgeting",
    )
    op.drop_table("allotment_transfers", schema="budgeting")


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_postings_kind"), "postings", schema="budgeting")
    op.create_check_constraint(
        op.f("ck_postings_kind"), "postings", f"kind IN {kinds}", schema="budgeting"
    )


def _bound_enacted(least: str) -> None:
    name = op.f("ck_appropriation_items_enacted")
    op.drop_constraint(name, "appropriation_items", schema="budgeting")
    op.create_check_constraint(
        name,
        "appropriation_items",
        f"enacted_amount BETWEEN {least} AND 9999999999999999.99",
        schema="budgeting",
    )


def _rewrite(before: str, after: str) -> None:
    """Replace one rule in the trigger; whoever finds another trigger there changes nothing."""
    op.execute(f"""
DO $do$
DECLARE
    told text := pg_get_functiondef('budgeting.apply_posting'::regproc);
BEGIN
    IF position('{before}' IN told) = 0 THEN
        RAISE EXCEPTION 'apply_posting has no such rule';
    END IF;
    EXECUTE replace(told, '{before}', '{after}');
END $do$""")
