"""Every SELECT that reads two stores side by side, each in its schema."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from libs.tenancy.rows import tenant_tables
from services.ocm.db import Base
from services.ocm.store_comparisons.model import Comparison

# When a row came first is not what it says: events may come in another order.
_SIDE = "SELECT org_id, id, version, to_jsonb(each) - 'created_at' AS told FROM {}.{} AS each"
# Added up, so that neither order nor size matters.
_HASH = "coalesce(left(md5(sum(hashtextextended({}.told::text, 0)::numeric)::text), 8), '-')"


async def list_comparisons(worker: AsyncEngine, *, before: str, after: str) -> list[Comparison]:
    """Compare all tables of organizations in two schemas, as the worker who may read both."""
    async with worker.connect() as connection:
        await connection.execute(text("SELECT set_config('app.oversight', 'on', true)"))
        return [
            await _compare(connection, table, before=before, after=after)
            for table in tenant_tables(Base)
        ]


async def count_only_before(worker: AsyncEngine, *, before: str, after: str) -> int:
    """Count the events that one schema has applied and the other has not."""
    async with worker.connect() as connection:
        found = await connection.scalar(
            text(
                f"SELECT count(*) FROM {before}.inbox AS one WHERE NOT EXISTS"
                f" (SELECT 1 FROM {after}.inbox AS other WHERE other.event_id = one.event_id)"
            )
        )
        return int(found or 0)


async def _compare(
    connection: AsyncConnection, table: str, *, before: str, after: str
) -> Comparison:
    found = await connection.execute(
        text(
            f"""
            SELECT count(o.id) AS before, count(n.id) AS after,
                count(*) FILTER (WHERE n.id IS NULL OR n.version < o.version) AS missing,
                count(*) FILTER (WHERE n.version = o.version AND n.told <> o.told) AS differing,
                {_HASH.format("o")} AS hash_before, {_HASH.format("n")} AS hash_after
            FROM ({_SIDE.format(before, table)}) AS o
            FULL JOIN ({_SIDE.format(after, table)}) AS n USING (org_id, id)
            """
        )
    )
    return Comparison(table, *found.one())
