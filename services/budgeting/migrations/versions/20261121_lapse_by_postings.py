"""What lapses at the end of a year is lines of the ledger, with a trigger of their own.

They are the only lines that enter a closed month, and they are undone by their like alone.
"""

from alembic import op

revision = "budgeting_0017"
down_revision = "budgeting_years_0017"
branch_labels = None
depends_on = None

KINDS = (
    "appropriated",
    "appropriation_adjusted",
    "allocated",
    "allocation_adjusted",
    "allotted",
    "allotment_adjusted",
    "reserved",
    "reservation_released",
    "obligated",
    "obligation_adjusted",
    "disbursed",
    "disbursement_voided",
)
LAPSED = ("appropriation_lapsed", "allocation_lapsed", "allotment_lapsed")
LAPSES = "NEW.kind LIKE '%\\_lapsed'"

# Of each kind from the item down: table, key, balance, what it may not fall below or exceed.
ITEM, ALLOCATION = ("appropriation_items", "item_id"), ("allocations", "allocation_id")
MOVES = {
    LAPSED[0]: ((*ITEM, "appropriated_amount", "allocated_amount", "9999999999999999.99"),),
    LAPSED[1]: (
        (*ITEM, "allocated_amount", "0", "appropriated_amount"),
        (*ALLOCATION, "allocated_amount", "allotted_amount", "9999999999999999.99"),
    ),
    LAPSED[2]: (
        (*ALLOCATION, "allotted_amount", "obligated_amount", "allocated_amount"),
        (
            "allotments",
            "allotment_id",
            "allotted_amount",
            "obligated_amount + reserved_amount",
            "9999999999999999.99",
        ),
    ),
}


def _moves() -> str:
    branches = []
    for kind, levels in MOVES.items():
        moves = "".join(
            f"""
        UPDATE budgeting.{table} SET {column} = {column} + NEW.amount, version = version + 1,
            updated_at = NEW.created_at, updated_by = NEW.created_by
        WHERE org_id = NEW.org_id AND id = NEW.{key}
            AND {column} + NEW.amount BETWEEN {low} AND {high};
        is_moved := is_moved AND FOUND;"""
            for table, key, column, low, high in levels
        )
        branches.append(f"WHEN '{kind}' THEN{moves}")
    return "\n    ".join(branches)


def upgrade() -> None:
    _allow_kinds((*KINDS, *LAPSED))
    op.create_check_constraint(
        op.f("ck_postings_lapsed"),
        "postings",
        "kind NOT LIKE '%_lapsed'"
        " OR reason ~ '[^[:space:]]' AND (amount > 0) = (reverses_id IS NOT NULL)",
        schema="budgeting",
    )
    op.execute(f"""
CREATE FUNCTION budgeting.apply_lapse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item budgeting.appropriation_items;
    is_moved boolean := true;
BEGIN
    IF NEW.org_id IS DISTINCT FROM nullif(current_setting('app.org_id', true), '')::uuid THEN
        RETURN NEW;  -- the policy refuses it
    END IF;
    IF NEW.allotment_id IS NOT NULL THEN
        SELECT allocation_id INTO NEW.allocation_id FROM budgeting.allotments
        WHERE org_id = NEW.org_id AND id = NEW.allotment_id;
    END IF;
    IF NEW.allocation_id IS NOT NULL THEN
        SELECT appropriation_item_id INTO NEW.item_id FROM budgeting.allocations
        WHERE org_id = NEW.org_id AND id = NEW.allocation_id;
    END IF;
    SELECT * INTO item FROM budgeting.appropriation_items
    WHERE org_id = NEW.org_id AND id = NEW.item_id;
    IF item.id IS NULL THEN
        RETURN NEW;  -- the keys refuse it
    END IF;
    NEW.fiscal_year := item.fiscal_year;
    NEW.expense_class := item.expense_class;
    NEW.funding_source := item.funding_source;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM budgeting.postings AS p
        WHERE p.org_id = NEW.org_id AND p.id = NEW.reverses_id AND p.kind = NEW.kind
            AND p.amount = -NEW.amount AND p.item_id = NEW.item_id
            AND p.allocation_id IS NOT DISTINCT FROM NEW.allocation_id
            AND p.allotment_id IS NOT DISTINCT FROM NEW.allotment_id
    ) THEN
        RAISE EXCEPTION 'what lapsed is undone whole, where it lapsed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_postings_undone';
    END IF;
    CASE NEW.kind
    {_moves()}
    END CASE;
    IF NOT is_moved THEN
        RAISE EXCEPTION 'What is free here is not % any more.', abs(NEW.amount)
            USING ERRCODE = 'BM001';
    END IF;
    IF NEW.kind = 'allotment_lapsed' THEN
        SELECT allocated_amount - allotted_amount INTO NEW.balance_amount
        FROM budgeting.allocations WHERE org_id = NEW.org_id AND id = NEW.allocation_id;
    ELSE
        SELECT appropriated_amount - allocated_amount INTO NEW.balance_amount
        FROM budgeting.appropriation_items WHERE org_id = NEW.org_id AND id = NEW.item_id;
    END IF;
    RETURN NEW;
END $$""")
    op.execute(f"""
CREATE OR REPLACE TRIGGER apply BEFORE INSERT ON budgeting.postings
FOR EACH ROW WHEN (NOT {LAPSES}) EXECUTE FUNCTION budgeting.apply_posting()""")
    op.execute(f"""
CREATE TRIGGER apply_lapse BEFORE INSERT ON budgeting.postings
FOR EACH ROW WHEN ({LAPSES}) EXECUTE FUNCTION budgeting.apply_lapse()""")


def downgrade() -> None:
    op.execute("DROP TRIGGER apply_lapse ON budgeting.postings")
    op.execute("DROP FUNCTION budgeting.apply_lapse()")
    op.execute("""
CREATE OR REPLACE TRIGGER apply BEFORE INSERT ON budgeting.postings
FOR EACH ROW EXECUTE FUNCTION budgeting.apply_posting()""")
    op.drop_constraint(op.f("ck_postings_lapsed"), "postings", schema="budgeting")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_postings_kind"), "postings", schema="budgeting")
    op.create_check_constraint(
        op.f("ck_postings_kind"), "postings", f"kind IN {kinds}", schema="budgeting"
    )
