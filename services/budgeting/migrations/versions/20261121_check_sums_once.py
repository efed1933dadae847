"""Check the sums of a whole once: its parts only make sure that this transaction wrote it.

Adding ten thousand lines added up ten thousand lines ten thousand times. A part whose whole was
written in the same transaction leaves the sum to the whole's own check, which runs at commit too;
any other part still adds up itself.
"""

from alembic import op

revision = "budgeting_sums_0007"
down_revision = "budgeting_lines_0006"
branch_labels = None
depends_on = None

PARTS = (
    ("program_sums", "programs", "line_items", "program_id"),
    ("proposal_sums", "proposals", "programs", "proposal_id"),
)


def upgrade() -> None:
    for rule, whole, part, key in PARTS:
        op.execute(f"""
CREATE FUNCTION budgeting.check_{rule}_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM budgeting.{whole} AS whole
        WHERE whole.org_id = coalesce(NEW.org_id, OLD.org_id)
            AND whole.id IN (NEW.{key}, OLD.{key})
            AND whole.xmin <> pg_current_xact_id()::xid
    ) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM budgeting.{whole} AS whole
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(part.requested_amount), 0) AS requested,
                sum(part.approved_amount) AS approved,
                count(part.approved_amount) IN (0, count(*)) AS all_or_none
            FROM budgeting.{part} AS part
            WHERE part.org_id = whole.org_id AND part.{key} = whole.id
        ) AS sums
        WHERE whole.org_id = coalesce(NEW.org_id, OLD.org_id)
            AND whole.id IN (NEW.{key}, OLD.{key})
            AND (whole.{_requested(whole)} <> sums.requested
                OR whole.{_approved(whole)} IS DISTINCT FROM sums.approved
                OR NOT sums.all_or_none)
    ) THEN
        RAISE EXCEPTION 'the sums of budgeting.{whole} differ from budgeting.{part}'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_{whole}_{rule}';
    END IF;
    RETURN NULL;
END $$""")
        op.execute(f"DROP TRIGGER {rule} ON budgeting.{part}")
        _watch(rule, part, f"check_{rule}_of_part()")


def downgrade() -> None:
    for rule, _, part, key in PARTS:
        op.execute(f"DROP TRIGGER {rule} ON budgeting.{part}")
        op.execute(f"DROP FUNCTION budgeting.check_{rule}_of_part()")
        _watch(rule, part, f"check_{rule}('{key}')")


def _watch(rule: str, part: str, function: str) -> None:
    op.execute(
        f"CREATE CONSTRAINT TRIGGER {rule} AFTER INSERT OR UPDATE OR DELETE ON budgeting.{part}"
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION budgeting.{function}"
    )


def _requested(whole: str) -> str:
    return "total_requested_amount" if whole == "proposals" else "requested_amount"


def _approved(whole: str) -> str:
    return "total_approved_amount" if whole == "proposals" else "approved_amount"
