"""Every SELECT on the ledger as a list, and the proof that the balances are what it adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.postings.model import BALANCES, Difference, Ledger, Posting
from services.budgeting.postings.schemas import PostingFilter

FILTERS = (
    "kind",
    "fiscal_year",
    "item_id",
    "allocation_id",
    "allotment_id",
    "obligation_id",
    "disbursement_id",
)


# What was given to others and did not come back: the transfers against their lines.
GIVEN = text("""
SELECT t.id, CASE WHEN t.status IN ('given', 'received') THEN t.amount ELSE 0 END,
    -coalesce(sum(p.amount), 0)
FROM budgeting.allotment_transfers AS t
LEFT JOIN budgeting.postings AS p
    ON p.org_id = t.org_id AND (p.id = t.posting_id OR p.reverses_id = t.posting_id)
WHERE t.org_id = :org_id GROUP BY t.id, t.status, t.amount
HAVING CASE WHEN t.status IN ('given', 'received') THEN t.amount ELSE 0 END
    <> -coalesce(sum(p.amount), 0)
""")


async def list_postings(session: AsyncSession, params: PostingFilter) -> Rows[Posting]:
    statement: Select[Posting] = select(Posting)
    return await page(session, statement, Posting, params, FILTERS)


async def list_ledgers(session: AsyncSession) -> Sequence[UUID]:
    """Return the organizations that have a ledger, to an actor who oversees; else the own one."""
    return (await session.scalars(select(Ledger.org_id).order_by(Ledger.org_id))).all()


async def list_differences(session: AsyncSession, org_id: UUID) -> list[Difference]:
    """Recompute every balance of an organization and return those that differ.

    Rows that others share with it are theirs to prove.
    """
    found = []
    for table, key, balances in BALANCES:
        posted = ", ".join(
            f"coalesce(sum({_signed(kinds)}), 0) AS {balance}" for balance, kinds in balances
        )
        told = " UNION ALL ".join(
            f"SELECT '{balance}', sides.id, sides.kept_{balance}, sides.{balance} FROM sides"
            f" WHERE sides.kept_{balance} <> sides.{balance}"
            for balance, _ in balances
        )
        named = ", ".join(
            f"t.{balance} AS kept_{balance}, coalesce(p.{balance}, 0) AS {balance}"
            for balance, _ in balances
        )
        rows = await session.execute(
            text(
                f"WITH p AS (SELECT {key} AS id, {posted} FROM budgeting.postings"
                f" WHERE {key} IS NOT NULL GROUP BY {key}),"
                f" sides AS MATERIALIZED (SELECT t.id, {named}"
                f" FROM budgeting.{table} AS t LEFT JOIN p ON p.id = t.id"
                f" WHERE t.org_id = :org_id) {told}"
            ),
            {"org_id": org_id},
        )
        found += [Difference(table, row_id, name, *amounts) for name, row_id, *amounts in rows]
    given = await session.execute(GIVEN, {"org_id": org_id})
    found += [Difference("allotment_transfers", row_id, "amount", *both) for row_id, *both in given]
    return found


def _signed(kinds: Sequence[tuple[str, int]]) -> str:
    plus = ", ".join(f"'{kind}'" for kind, sign in kinds if sign > 0)
    minus = ", ".join(f"'{kind}'" for kind, sign in kinds if sign < 0) or "''"
    return f"CASE WHEN kind IN ({plus}) THEN amount WHEN kind IN ({minus}) THEN -amount END"
