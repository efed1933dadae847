"""Balances move by postings alone: the ledger's trigger locks, checks and moves every level."""

from alembic import op

revision = "budgeting_ledger_0006"
down_revision = "budgeting_ledger_0005"
branch_labels = None
depends_on = None

LARGEST = "9999999999999999.99"

# The levels of each kind of posting from the item down, which is the order of the locks:
# table, key, balance, what it may not fall below, what it may not exceed.
ITEM = ("appropriation_items", "item_id")
ALLOCATION = ("allocations", "allocation_id")
ALLOTMENT = ("allotments", "allotment_id")
OBLIGATION = ("obligations", "obligation_id")

DISBURSED = tuple(
    (*level, "disbursed_amount", "0", "obligated_amount")
    for level in (ALLOCATION, ALLOTMENT, OBLIGATION)
)
MOVES = {
    ("appropriated", "appropriation_adjusted"): (
        (*ITEM, "appropriated_amount", "allocated_amount", LARGEST),
    ),
    ("allocated", "allocation_adjusted"): (
        (*ITEM, "allocated_amount", "0", "appropriated_amount"),
        (*ALLOCATION, "allocated_amount", "allotted_amount", LARGEST),
    ),
    ("allotted", "allotment_adjusted"): (
        (*ALLOCATION, "allotted_amount", "obligated_amount", "allocated_amount"),
        (*ALLOTMENT, "allotted_amount", "obligated_amount + reserved_amount", LARGEST),
    ),
    ("reserved", "reservation_released"): (
        (*ALLOTMENT, "reserved_amount", "0", "allotted_amount - obligated_amount"),
    ),
    ("obligated",): (
        (*ALLOCATION, "obligated_amount", "disbursed_amount", "allotted_amount"),
        # What is obligated was reserved before, and stops being reserved in the same move.
        (
            *ALLOTMENT,
            "obligated_amount",
            "disbursed_amount",
            "allotted_amount - reserved_amount + NEW.amount",
        ),
        (*OBLIGATION, "obligated_amount", "disbursed_amount", LARGEST),
    ),
    ("obligation_adjusted",): (
        (*ALLOCATION, "obligated_amount", "disbursed_amount", "allotted_amount"),
        (
            *ALLOTMENT,
            "obligated_amount",
            "disbursed_amount",
            "allotted_amount - reserved_amount",
        ),
        (*OBLIGATION, "obligated_amount", "disbursed_amount", LARGEST),
    ),
    ("disbursed", "disbursement_voided"): DISBURSED,
}

BALANCES = {
    "appropriation_items": ("appropriated_amount", "allocated_amount"),
    "allocations": (
        "allocated_amount",
        "allotted_amount",
        "obligated_amount",
        "disbursed_amount",
    ),
    "allotments": ("allotted_amount", "reserved_amount", "obligated_amount", "disbursed_amount"),
    "obligations": ("obligated_amount", "disbursed_amount"),
}


def _move(kinds: tuple[str, ...], table: str, key: str, column: str, low: str, high: str) -> str:
    """Move one balance, or refuse with what is left on the side that stands in the way."""
    was_reserved = kinds == ("obligated",) and table == "allotments"
    also = ", reserved_amount = reserved_amount - NEW.amount" if was_reserved else ""
    level = table.removesuffix("s").replace("_", " ")
    state = "BM005" if high == LARGEST else "BM001"
    return f"""
        UPDATE budgeting.{table} SET {column} = {column} + NEW.amount{also},
            version = version + 1, updated_at = NEW.created_at, updated_by = NEW.created_by
        WHERE org_id = NEW.org_id AND id = NEW.{key}
            AND {column} + NEW.amount >= {low} AND {column} + NEW.amount <= {high};
        IF NOT FOUND THEN
            SELECT CASE WHEN NEW.amount > 0 THEN {high} - {column} ELSE {column} - ({low}) END
            INTO room FROM budgeting.{table} WHERE org_id = NEW.org_id AND id = NEW.{key};
            RAISE EXCEPTION 'The {level} has % left for this; % was asked for.',
                room, abs(NEW.amount) USING
                ERRCODE = CASE WHEN NEW.amount > 0 THEN '{state}' ELSE 'BM001' END;
        END IF;"""


def _moves() -> str:
    branches = []
    for kinds, levels in MOVES.items():
        names = ", ".join(f"'{kind}'" for kind in kinds)
        body = "".join(_move(kinds, *level) for level in levels)
        branches.append(f"WHEN NEW.kind IN ({names}) THEN{body}")
    return "\n    ".join(branches)


def upgrade() -> None:
    # One lock of the advisory kind stands for a month of one organization's books.
    op.execute("""
CREATE FUNCTION budgeting.period_key(org uuid, fiscal_year integer, month integer)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT hashtextextended('period ' || org || ' ' || fiscal_year || ' ' || month, 0) $$""")
    # What is not of the transaction's organization is left to the policy, which refuses it.
    op.execute(f"""
CREATE FUNCTION budgeting.apply_posting() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    room numeric;
    period text;
    item budgeting.appropriation_items;
    year integer := extract(year FROM NEW.posted_on);
    month_ integer := extract(month FROM NEW.posted_on);
BEGIN
    IF NEW.org_id IS DISTINCT FROM nullif(current_setting('app.org_id', true), '')::uuid THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(budgeting.period_key(NEW.org_id, year, month_));
    SELECT status INTO period FROM budgeting.fiscal_periods AS p
    WHERE p.org_id = NEW.org_id AND p.fiscal_year = year AND p.month = month_;
    IF period = 'closed' OR (period = 'soft_closed' AND NEW.reason !~ '[^[:space:]]') THEN
        RAISE EXCEPTION 'The period % is %.', to_char(NEW.posted_on, 'YYYY-MM'),
            CASE period WHEN 'closed' THEN 'closed; date it in an open one'
            ELSE 'closed but for corrections; give the reason' END
            USING ERRCODE = 'BM002';
    END IF;
    IF NEW.disbursement_id IS NOT NULL THEN
        SELECT obligation_id INTO NEW.obligation_id FROM budgeting.disbursements
        WHERE org_id = NEW.org_id AND id = NEW.disbursement_id;
    END IF;
    IF NEW.obligation_id IS NOT NULL THEN
        SELECT allotment_id INTO NEW.allotment_id FROM budgeting.obligations
        WHERE org_id = NEW.org_id AND id = NEW.obligation_id;
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
    IF NEW.amount > 0 AND NEW.kind NOT IN ('appropriated', 'appropriation_adjusted', 'disbursed')
    AND (item.status = 'lapsed' OR NEW.posted_on > item.valid_until
        OR NEW.posted_on < make_date(item.fiscal_year, 1, 1)) THEN
        RAISE EXCEPTION 'It is valid from % to %.', make_date(item.fiscal_year, 1, 1),
            item.valid_until || CASE item.status WHEN 'lapsed' THEN ', and has lapsed' ELSE '' END
            USING ERRCODE = 'BM003';
    END IF;
    CASE
    {_moves()}
    ELSE
        RETURN NEW;  -- a CHECK refuses it
    END CASE;
    IF NEW.amount > 0 AND NEW.kind IN
        ('allotted', 'allotment_adjusted', 'reserved', 'obligated', 'obligation_adjusted')
    AND NOT EXISTS (
        SELECT FROM budgeting.allocations AS a JOIN budgeting.allotments AS t
            ON t.org_id = a.org_id AND t.allocation_id = a.id
        WHERE t.org_id = NEW.org_id AND t.id = NEW.allotment_id
            AND t.status = 'released' AND a.status = 'approved' AND item.status = 'current'
    ) THEN
        RAISE EXCEPTION 'The allotment or its allocation is not open.' USING ERRCODE = 'BM004';
    END IF;
    IF NEW.kind = 'appropriated' THEN
        INSERT INTO budgeting.ledgers
            (org_id, id, version, created_at, created_by, updated_at, updated_by)
        VALUES (NEW.org_id, NEW.org_id, 1, NEW.created_at, NEW.created_by,
            NEW.created_at, NEW.created_by)
        ON CONFLICT DO NOTHING;
    END IF;
    IF NEW.kind LIKE 'appropria%' OR NEW.kind LIKE 'alloca%' THEN
        SELECT appropriated_amount - allocated_amount INTO NEW.balance_amount
        FROM budgeting.appropriation_items WHERE org_id = NEW.org_id AND id = NEW.item_id;
    ELSIF NEW.kind LIKE 'allot%' THEN
        SELECT allocated_amount - allotted_amount INTO NEW.balance_amount
        FROM budgeting.allocations WHERE org_id = NEW.org_id AND id = NEW.allocation_id;
    ELSIF NEW.kind LIKE 'disburse%' THEN
        SELECT obligated_amount - disbursed_amount INTO NEW.balance_amount
        FROM budgeting.obligations WHERE org_id = NEW.org_id AND id = NEW.obligation_id;
    ELSE
        SELECT allotted_amount - obligated_amount - reserved_amount INTO NEW.balance_amount
        FROM budgeting.allotments WHERE org_id = NEW.org_id AND id = NEW.allotment_id;
    END IF;
    RETURN NEW;
END $$""")
    op.execute("""
CREATE TRIGGER apply BEFORE INSERT ON budgeting.postings
FOR EACH ROW EXECUTE FUNCTION budgeting.apply_posting()""")
    # Directly a statement fires triggers at depth 1, out of the ledger's own trigger at depth 2;
    # the application can make neither triggers nor functions.
    op.execute("""
CREATE FUNCTION budgeting.keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'a balance of budgeting.% moves by a posting alone', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_' || TG_TABLE_NAME || '_posted';
    END IF;
    RETURN NEW;
END $$""")
    for table, columns in BALANCES.items():
        fresh = " OR ".join(f"NEW.{column} <> 0" for column in columns)
        moved = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)
        # After the insert, so that the policy is asked first whether the row may be there at all.
        for when, verb, condition in (("AFTER", "INSERT", fresh), ("BEFORE", "UPDATE", moved)):
            op.execute(f"""
CREATE TRIGGER keep_balances_on_{verb.lower()} {when} {verb} ON budgeting.{table}
FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION budgeting.keep_balances()""")
    # The lines of an obligation make its amount, at every commit.
    op.execute("""
CREATE FUNCTION budgeting.check_obligation_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole uuid := CASE TG_TABLE_NAME WHEN 'obligations' THEN NEW.id
        ELSE (coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> 'obligation_id')::uuid END;
BEGIN
    IF EXISTS (
        SELECT FROM budgeting.obligations AS o WHERE o.id = whole AND o.amount <> (
            SELECT coalesce(sum(l.amount), 0) FROM budgeting.obligation_lines AS l
            WHERE l.org_id = o.org_id AND l.obligation_id = o.id)
    ) THEN
        RAISE EXCEPTION 'the lines of an obligation do not add up to its amount'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_obligations_lines';
    END IF;
    RETURN NULL;
END $$""")
    op.execute("""
CREATE CONSTRAINT TRIGGER lines AFTER INSERT OR UPDATE OF amount ON budgeting.obligations
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION budgeting.check_obligation_lines()""")
    op.execute("""
CREATE CONSTRAINT TRIGGER lines AFTER INSERT OR UPDATE OR DELETE ON budgeting.obligation_lines
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION budgeting.check_obligation_lines()""")
    # What was certified is never asked for otherwise.
    op.execute("""
CREATE FUNCTION budgeting.keep_obligation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the amount of a certified obligation is never changed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_obligations_kept';
END $$""")
    op.execute("""
CREATE TRIGGER keep BEFORE UPDATE ON budgeting.obligations
FOR EACH ROW WHEN (OLD.status <> 'draft' AND (NEW.amount <> OLD.amount
    OR NEW.allotment_id <> OLD.allotment_id
    OR NEW.ors_number IS DISTINCT FROM OLD.ors_number AND OLD.ors_number IS NOT NULL
    OR NEW.status = 'draft' OR OLD.status = 'cancelled' AND NEW.status <> 'cancelled'))
EXECUTE FUNCTION budgeting.keep_obligation()""")


def downgrade() -> None:
    op.execute("DROP TRIGGER keep ON budgeting.obligations")
    for table in ("obligations", "obligation_lines"):
        op.execute(f"DROP TRIGGER lines ON budgeting.{table}")
    for table in BALANCES:
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER keep_balances_on_{verb} ON budgeting.{table}")
    op.execute("DROP TRIGGER apply ON budgeting.postings")
    for function in (
        "keep_obligation()",
        "check_obligation_lines()",
        "keep_balances()",
        "apply_posting()",
        "period_key(uuid, integer, integer)",
    ):
        op.execute(f"DROP FUNCTION budgeting.{function}")
