"""know object codes and endorsements"""

import sqlalchemy as sa
from alembic import op

from libs.tenancy.rows import secure_tenant_table
from services.budgeting.load_catalogue import load

revision = "budgeting_prep_0016"
down_revision = "budgeting_figures_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capital_thresholds",
        sa.Column("valid_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 9999999999999999.99", name=op.f("ck_capital_thresholds_amount")
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_capital_thresholds_valid")),
        sa.PrimaryKeyConstraint("valid_from", name="pk_capital_thresholds"),
        schema="budgeting",
    )
    op.create_table(
        "endorsement_rules",
        sa.Column("endorser", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(basis = 'all') = (value = '')", name=op.f("ck_endorsement_rules_value")
        ),
        sa.CheckConstraint(
            "basis IN ('object_code', 'sector', 'tag', 'all')",
            name=op.f("ck_endorsement_rules_basis"),
        ),
        sa.CheckConstraint(
            "kind IN ('endorsement', 'certification')", name=op.f("ck_endorsement_rules_kind")
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_endorsement_rules_valid")),
        sa.PrimaryKeyConstraint(
            "endorser", "basis", "value", "valid_from", name="pk_endorsement_rules"
        ),
        schema="budgeting",
    )
    op.create_table(
        "object_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("expense_class", sa.Text(), nullable=False),
        sa.Column("semi_expendable_code", sa.Text(), nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(left(code, 3), expense_class) IN"
            " (('501', 'ps'), ('502', 'mooe'), ('503', 'fe'), ('506', 'co'))",
            name=op.f("ck_object_codes_group"),
        ),
        sa.CheckConstraint("code ~ '^[0-9]{10}$'", name=op.f("ck_object_codes_code")),
        sa.CheckConstraint(
            "semi_expendable_code IS NULL"
            " OR semi_expendable_code ~ '^502[0-9]{7}$' AND left(code, 3) = '506'",
            name=op.f("ck_object_codes_semi_expendable"),
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_object_codes_valid")),
        sa.PrimaryKeyConstraint("code", "valid_from", name="pk_object_codes"),
        schema="budgeting",
    )
    op.create_table(
        "endorsements",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("endorser", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("document_reference", sa.Text(), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("covered_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("covered_digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "decision = 'endorsed' OR remarks ~ '[^[:space:]]'",
            name=op.f("ck_endorsements_remarks"),
        ),
        sa.CheckConstraint(
            "decision IN ('endorsed', 'declined')", name=op.f("ck_endorsements_decision")
        ),
        sa.CheckConstraint(
            "document_reference ~ '[^[:space:]]'", name=op.f("ck_endorsements_reference")
        ),
        sa.CheckConstraint(
            "covered_amount BETWEEN 0 AND 9999999999999999.99", name=op.f("ck_endorsements_amount")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "proposal_id"],
            ["budgeting.proposals.org_id", "budgeting.proposals.id"],
            name="fk_endorsements_org_id_proposal_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_endorsements"),
        schema="budgeting",
    )
    op.create_index(
        "ix_endorsements_org_id_proposal_id_created_at_id",
        "endorsements",
        ["org_id", "proposal_id", "created_at", "id"],
        unique=False,
        schema="budgeting",
    )
    secure_tenant_table(op, "endorsements", append_only=True)
    # The same for every organization, and written by nobody at run time: see GLOBAL_TABLES.
    tables = ("object_codes", "capital_thresholds", "endorsement_rules")
    for table in tables:
        op.execute(f"GRANT SELECT ON budgeting.{table} TO budgeting_app, budgeting_ro")
    load(op.get_bind(), tables=tables)


def downgrade() -> None:
    op.drop_index(
        "ix_endorsements_org_id_proposal_id_created_at_id",
        table_name="endorsements",
        schema="budgeting",
    )
    op.drop_table("endorsements", schema="budgeting")
    op.drop_table("object_codes", schema="budgeting")
    op.drop_table("endorsement_rules", schema="budgeting")
    op.drop_table("capital_thresholds", schema="budgeting")
