"""Filling a ledger: many earlier lines in seconds, with the balances that they make."""

from __future__ import annotations

from sqlalchemy import text

from libs.chassis.database import Database
from libs.tenancy.actor import Actor
from services.budgeting.postings.queries import list_differences

# Whatever was obligated goes up by a peso again and again, each on its line of the ledger.
LINES = """
INSERT INTO budgeting.postings (org_id, id, kind, amount, balance_amount, posted_on, fiscal_year,
    expense_class, funding_source, item_id, allocation_id, allotment_id, obligation_id, reference,
    reason, version, created_at, created_by, updated_at, updated_by)
SELECT p.org_id, uuidv7(), 'obligation_adjusted', 1, p.balance_amount - n,
    p.posted_on + (n % 300)::integer, p.fiscal_year, p.expense_class, p.funding_source, p.item_id,
    p.allocation_id, p.allotment_id, p.obligation_id, p.reference, 'bench', 1, p.created_at,
    p.created_by, p.updated_at, p.updated_by
FROM generate_series(1, :each) AS n CROSS JOIN (
    SELECT * FROM budgeting.postings WHERE org_id = :org AND kind = 'obligated') AS p
"""
# What the triggers would have made of them, had they been entered one by one.
BALANCE = """
UPDATE budgeting.{table} AS level SET obligated_amount = posted.amount FROM (
    SELECT {key} AS id, sum(amount) AS amount FROM budgeting.postings
    WHERE org_id = :org AND kind IN ('obligated', 'obligation_adjusted') GROUP BY 1) AS posted
WHERE level.org_id = :org AND level.id = posted.id
"""
LEVELS = {
    "allocations": "allocation_id",
    "allotments": "allotment_id",
    "obligations": "obligation_id",
}


async def fill(database: Database, admin: Database, actor: Actor, each: int) -> None:
    """Add so many lines to every obligation, past the triggers, and prove the balances."""
    org = {"org": actor.org_id}
    async with admin.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(LINES), {**org, "each": each})
        for table, key in LEVELS.items():
            await connection.execute(text(BALANCE.format(table=table, key=key)), org)
    async with admin.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("VACUUM ANALYZE budgeting.postings", "CHECKPOINT"):
            await connection.execute(text(statement))
    async with database.unit_of_work(actor) as uow:
        if differences := await list_differences(uow.session, actor.org_id):
            raise RuntimeError(f"the filled ledger is wrong: {differences[0]}")
