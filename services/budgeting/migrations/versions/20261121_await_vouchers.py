"""No obligation is cancelled while a voucher waits on it, and none is asked for of a cancelled one.

Both sides meet at the row of the obligation: whoever cancels it has changed it, and whoever asks
for a payment shares a lock on it.
"""

from alembic import op

revision = "budgeting_vouchers_0030"
down_revision = "budgeting_stand_ins_0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
CREATE FUNCTION budgeting.await_vouchers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    waiting text;
BEGIN
    SELECT string_agg(coalesce('DV ' || d.fiscal_year || '-' || lpad(d.dv_number::text, 5, '0'),
        'the draft of ' || d.gross_amount), ', ' ORDER BY d.dv_number, d.id) INTO waiting
    FROM budgeting.disbursements AS d
    WHERE d.org_id = NEW.org_id AND d.obligation_id = NEW.id
        AND d.status IN ('draft', 'for_certification', 'approved');
    IF waiting IS NOT NULL THEN
        RAISE EXCEPTION 'These wait: %.', waiting USING ERRCODE = 'BM006';
    END IF;
    RETURN NEW;
END $$""")
    op.execute("""
CREATE TRIGGER await_vouchers BEFORE UPDATE ON budgeting.obligations
FOR EACH ROW WHEN (NEW.status = 'cancelled' AND OLD.status <> 'cancelled')
EXECUTE FUNCTION budgeting.await_vouchers()""")
    op.execute("""
CREATE FUNCTION budgeting.keep_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was text;
BEGIN
    SELECT status INTO was FROM budgeting.obligations
    WHERE org_id = NEW.org_id AND id = NEW.obligation_id FOR SHARE;
    IF was = 'cancelled' THEN
        RAISE EXCEPTION 'a cancelled obligation is not paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_disbursements_owed';
    END IF;
    RETURN NEW;
END $$""")
    op.execute("""
CREATE TRIGGER keep_voucher BEFORE INSERT ON budgeting.disbursements
FOR EACH ROW EXECUTE FUNCTION budgeting.keep_voucher()""")


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_voucher ON budgeting.disbursements")
    op.execute("DROP FUNCTION budgeting.keep_voucher()")
    op.execute("DROP TRIGGER await_vouchers ON budgeting.obligations")
    op.execute("DROP FUNCTION budgeting.await_vouchers()")
