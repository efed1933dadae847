"""close years"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table

revision = "budgeting_years_0017"
down_revision = "budgeting_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_ends",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("closing_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("postings_count", sa.Integer(), nullable=False),
        sa.Column("appropriated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("lapsed_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("continued_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("obligated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("disbursed_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("due_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("not_yet_due_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_year_ends_reverses")
        ),
        sa.CheckConstraint(
            "(status IN ('applied', 'rejected', 'reversed')) = (decided_at IS NOT NULL)",
            name=op.f("ck_year_ends_decided_known"),
        ),
        sa.CheckConstraint(
            "kind = 'closing' OR reason ~ '[^[:space:]]'", name=op.f("ck_year_ends_reason")
        ),
        sa.CheckConstraint(
            "kind = 'closing' OR status <> 'reversed'", name=op.f("ck_year_ends_reversed")
        ),
        sa.CheckConstraint("kind IN ('closing', 'reversal')", name=op.f("ck_year_ends_kind")),
        sa.CheckConstraint(
            "status <> 'rejected' OR remarks ~ '[^[:space:]]'", name=op.f("ck_year_ends_remarks")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'applied', 'rejected', 'reversed')",
            name=op.f("ck_year_ends_status"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_year_ends_decided")
        ),
        sa.CheckConstraint(
            "appropriated_amount = lapsed_amount + continued_amount + obligated_amount AND obligated_amount = disbursed_amount + due_amount + not_yet_due_amount",
            name=op.f("ck_year_ends_whole"),
        ),
        sa.CheckConstraint(
            "closing_on >= make_date(fiscal_year, 12, 31)", name=op.f("ck_year_ends_closing_on")
        ),
        sa.CheckConstraint(
            "decided_by <> created_by AND decided_by <> prepared_by",
            name=op.f("ck_year_ends_decider"),
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_year_ends_fiscal_year")
        ),
        sa.CheckConstraint(
            "least(lapsed_amount, continued_amount, disbursed_amount, due_amount, not_yet_due_amount) >= 0",
            name=op.f("ck_year_ends_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "reverses_id"],
            ["budgeting.year_ends.org_id", "budgeting.year_ends.id"],
            name="fk_year_ends_org_id_reverses_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_year_ends"),
        schema="budgeting",
    )
    op.create_index(
        "ix_year_ends_org_id_created_at_id",
        "year_ends",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    op.create_index(
        "uq_year_ends_closing",
        "year_ends",
        ["org_id", "fiscal_year"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("kind = 'closing' AND status NOT IN ('rejected', 'reversed')"),
    )
    op.create_index(
        "uq_year_ends_reversal",
        "year_ends",
        ["org_id", "reverses_id"],
        unique=True,
        schema="budgeting",
        postgresql_where=sa.text("status <> 'rejected'"),
    )
    op.create_table(
        "year_end_lines",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year_end_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=True),
        sa.Column("allotment_id", sa.Uuid(), nullable=True),
        sa.Column("is_lapsing", sa.Boolean(), nullable=False),
        sa.Column("status_before", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("rest_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("obligated_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("disbursed_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("due_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("not_yet_due_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("lapsed_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "level IN ('item', 'allocation', 'allotment')", name=op.f("ck_year_end_lines_level")
        ),
        sa.CheckConstraint(
            "num_nonnulls(allocation_id, allotment_id) = CASE level WHEN 'item' THEN 0 WHEN 'allocation' THEN 1 ELSE 2 END",
            name=op.f("ck_year_end_lines_place"),
        ),
        sa.CheckConstraint(
            "lapsed_amount BETWEEN CASE WHEN is_lapsing THEN rest_amount ELSE 0 END"
            " AND CASE WHEN is_lapsing THEN amount ELSE 0 END",
            name=op.f("ck_year_end_lines_lapsed"),
        ),
        sa.CheckConstraint(
            "(posting_id IS NOT NULL) = (lapsed_amount > 0)", name=op.f("ck_year_end_lines_posted")
        ),
        sa.CheckConstraint(
            "obligated_amount = disbursed_amount + due_amount + not_yet_due_amount AND (obligated_amount = 0 OR amount = rest_amount + obligated_amount)",
            name=op.f("ck_year_end_lines_owed"),
        ),
        sa.CheckConstraint("rest_amount BETWEEN 0 AND amount", name=op.f("ck_year_end_lines_rest")),
        sa.ForeignKeyConstraint(
            ["org_id", "allocation_id"],
            ["budgeting.allocations.org_id", "budgeting.allocations.id"],
            name="fk_year_end_lines_org_id_allocation_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "allotment_id"],
            ["budgeting.allotments.org_id", "budgeting.allotments.id"],
            name="fk_year_end_lines_org_id_allotment_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["budgeting.appropriation_items.org_id", "budgeting.appropriation_items.id"],
            name="fk_year_end_lines_org_id_item_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "posting_id"],
            ["budgeting.postings.org_id", "budgeting.postings.id"],
            name="fk_year_end_lines_org_id_posting_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "year_end_id"],
            ["budgeting.year_ends.org_id", "budgeting.year_ends.id"],
            name="fk_year_end_lines_org_id_year_end_id",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_year_end_lines"),
        sa.UniqueConstraint(
            "org_id",
            "year_end_id",
            "item_id",
            "allocation_id",
            "allotment_id",
            name="uq_year_end_lines_place",
            postgresql_nulls_not_distinct=True,
        ),
        schema="budgeting",
    )
    op.create_index(
        "ix_year_end_lines_org_id_created_at_id",
        "year_end_lines",
        ["org_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "year_ends")
    secure_tenant_table(op, "year_end_lines", append_only=True)


def downgrade() -> None:
    op.drop_index(
        "ix_year_end_lines_org_id_created_at_id", table_name="year_end_lines", schema="budgeting"
    )
    op.drop_table("year_end_lines", schema="budgeting")
    op.drop_index(
        "uq_year_ends_reversal",
        table_name="year_ends",
        schema="budgeting",
        postgresql_where=sa.text("status <> 'rejected'"),
    )
    op.drop_index(
        "uq_year_ends_closing",
        table_name="year_ends",
        schema="budgeting",
        postgresql_where=sa.text("kind = 'closing' AND status NOT IN ('rejected', 'reversed')"),
    )
    op.drop_index("ix_year_ends_org_id_created_at_id", table_name="year_ends", schema="budgeting")
    op.drop_table("year_ends", schema="budgeting")
