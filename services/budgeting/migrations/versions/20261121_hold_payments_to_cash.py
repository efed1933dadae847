"""While the cash ceiling is on, a payment without its charge never reaches a commit."""

from alembic import op

revision = "budgeting_cash_0029"
down_revision = "budgeting_warn_0028"
branch_labels = None
depends_on = None

# Of a posting that pays, and of a disbursement that says it is paid.
TRIGGERS = {
    "hold_to_cash": ("postings", "INSERT", "NEW.kind = 'disbursed'"),
    "hold_to_cash_on_insert": ("disbursements", "INSERT", "NEW.status = 'paid'"),
    "hold_to_cash_on_update": (
        "disbursements",
        "UPDATE OF status",
        "NEW.status = 'paid' AND OLD.status <> 'paid'",
    ),
}


def upgrade() -> None:
    # It asks as the organization of the row, whatever the session says by the time of the commit:
    # otherwise row-level security would hide the ceiling, and with it the rule.
    op.execute("""
CREATE FUNCTION budgeting.hold_to_cash() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked_as text := coalesce(current_setting('app.org_id', true), '');
    paid_by uuid := NEW.id;
    is_covered boolean;
BEGIN
    PERFORM set_config('app.org_id', NEW.org_id::text, true);
    IF TG_TABLE_NAME = 'disbursements' THEN
        SELECT posting_id INTO paid_by FROM budgeting.disbursements
        WHERE org_id = NEW.org_id AND id = NEW.id;
    END IF;
    is_covered := NOT coalesce((
        SELECT is_enforced FROM budgeting.cash_ceilings WHERE org_id = NEW.org_id
        ORDER BY created_at DESC, id DESC LIMIT 1), false)
    OR EXISTS (
        SELECT FROM budgeting.postings AS p
        JOIN budgeting.cash_charges AS c ON c.org_id = p.org_id
            AND c.disbursement_id = p.disbursement_id
            AND c.amount = p.amount AND c.charged_on = p.posted_on
        JOIN budgeting.cash_allocations AS a ON a.org_id = c.org_id
            AND a.id = c.cash_allocation_id AND a.funding_source = p.funding_source
        WHERE p.org_id = NEW.org_id AND p.id = paid_by AND p.kind = 'disbursed'
            AND NEW.id IN (p.id, p.disbursement_id));
    PERFORM set_config('app.org_id', asked_as, true);
    IF NOT is_covered THEN
        RAISE EXCEPTION 'the cash ceiling is on, and this payment uses no cash received'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_disbursements_cash';
    END IF;
    RETURN NULL;
END $$""")
    for name, (table, when, condition) in TRIGGERS.items():
        op.execute(f"""
CREATE CONSTRAINT TRIGGER {name} AFTER {when} ON budgeting.{table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({condition})
EXECUTE FUNCTION budgeting.hold_to_cash()""")


def downgrade() -> None:
    for name, (table, _, _) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name} ON budgeting.{table}")
    op.execute("DROP FUNCTION budgeting.hold_to_cash()")
