"""The database adds up: totals equal their parts at every commit, and settled stays settled."""

from alembic import op

revision = "budgeting_0003"
down_revision = "budgeting_0002"
branch_labels = None
depends_on = None

# name of the rule, whole with its two sums, part with its key to the whole
SUMS = (
    ("program_sums", "programs", "requested_amount", "approved_amount", "line_items", "program_id"),
    (
        "proposal_sums",
        "proposals",
        "total_requested_amount",
        "total_approved_amount",
        "programs",
        "proposal_id",
    ),
)


def upgrade() -> None:
    for rule, whole, requested, approved, part, key in SUMS:
        # The trigger fires at commit, for the row's own organization: row-level security holds.
        op.execute(f"""
CREATE FUNCTION budgeting.check_{rule}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
            AND whole.id = ANY (ARRAY[
                (to_jsonb(NEW) ->> TG_ARGV[0])::uuid, (to_jsonb(OLD) ->> TG_ARGV[0])::uuid
            ])
            AND (whole.{requested} <> sums.requested
                OR whole.{approved} IS DISTINCT FROM sums.approved
                OR NOT sums.all_or_none)
    ) THEN
        RAISE EXCEPTION 'the sums of budgeting.{whole} differ from budgeting.{part}'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_{whole}_{rule}';
    END IF;
    RETURN NULL;
END $$""")
        for table, column, events in (
            (whole, "id", "INSERT OR UPDATE"),
            (part, key, "INSERT OR UPDATE OR DELETE"),
        ):
            op.execute(
                f"CREATE CONSTRAINT TRIGGER {rule} AFTER {events} ON budgeting.{table}"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
                f" EXECUTE FUNCTION budgeting.check_{rule}('{column}')"
            )
    op.execute("""
CREATE FUNCTION budgeting.refuse_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a proposal that is % is never changed', OLD.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_proposals_settled';
END $$""")
    op.execute(
        "CREATE TRIGGER settled BEFORE UPDATE OR DELETE ON budgeting.proposals FOR EACH ROW"
        " WHEN (OLD.status IN ('approved', 'rejected'))"
        " EXECUTE FUNCTION budgeting.refuse_settled()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER settled ON budgeting.proposals")
    op.execute("DROP FUNCTION budgeting.refuse_settled()")
    for rule, whole, _, _, part, _ in SUMS:
        for table in (whole, part):
            op.execute(f"DROP TRIGGER {rule} ON budgeting.{table}")
        op.execute(f"DROP FUNCTION budgeting.check_{rule}()")
