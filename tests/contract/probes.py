"""Row probes: what each role really sees and may write, table by table, whatever it is called.

`plant` puts one row of two organizations into every tenant table, made from the catalogue alone;
the probes then act as the service's own roles. A finding is one sentence; a fence has none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from tests.contexts import global_tables, tenant_tables

HOST = UUID("aaaaaaaa-0000-7000-8000-000000000000")
GUEST = UUID("bbbbbbbb-0000-7000-8000-000000000000")
STRANGER = UUID("cccccccc-0000-7000-8000-000000000000")
ORGANIZATIONS = (HOST, GUEST, STRANGER)
ELSEWHERE = UUID("dddddddd-0000-7000-8000-000000000000")
"""Whom every row is shared with that names another organization; nobody acts for it here."""

COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, t.typtype::text AS sort
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0
  AND NOT a.attisdropped AND a.attidentity <> 'a' AND a.attgenerated = ''
ORDER BY a.attnum
"""

CHECKS = """
SELECT conrelid::regclass::text AS "table", conname AS name FROM pg_constraint
WHERE connamespace = $1::text::regnamespace AND contype IN ('c', 'x')
"""

VALUES = {
    "text": "'{org:.8}'",
    "character varying": "'{org:.2}'",
    "smallint": "{n}",
    "integer": "{n}",
    "bigint": "{n}",
    "numeric": "{n}",
    "boolean": "true",
    "date": "'2026-03-0{n}'",
    "timestamp with time zone": "'2026-03-0{n}T00:00:00Z'",
    "jsonb": "'{{}}'",
    "bytea": "'\\x0{n}'",
    "inet": "'127.0.0.{n}'",
}

Columns = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Fence:
    """One service's planted database, as one connection of an administrator."""

    service: str
    connection: asyncpg.Connection
    columns: Columns

    def values(self, table: str, org: UUID, **changes: UUID) -> str:
        """Return the row of an organization for a table: every uuid is that organization's.

        A row that names a second organization (`for_org_id`) names one that is elsewhere, so that
        no owner sees its own row by way of a share.
        """
        said = []
        for name, kind in self.columns[table].items():
            if kind == "uuid" and name.endswith("_org_id"):
                said.append(f"'{changes.get(name, ELSEWHERE)}'")
            elif kind == "uuid":
                said.append(f"'{changes.get(name, org)}'")
            elif kind.endswith("[]"):
                said.append("'{}'")
            else:
                said.append(VALUES[kind].format(org=str(org), n=ORGANIZATIONS.index(org) + 1))
        return ", ".join(said)

    def insert(self, table: str, org: UUID, **changes: UUID) -> str:
        names = ", ".join(f'"{name}"' for name in self.columns[table])
        return (
            f"INSERT INTO {self.service}.{table} ({names})"
            f" VALUES ({self.values(table, org, **changes)})"
        )

    @asynccontextmanager
    async def acting(self, role: str, org: UUID | None = None) -> AsyncIterator[None]:
        """Act as a role for an organization, or for none, and undo everything."""
        attempt = self.connection.transaction()
        await attempt.start()
        try:
            await self.connection.execute(f"SET LOCAL ROLE {self.service}_{role}")
            await self.connection.execute(
                "SELECT set_config('app.org_id', $1, true)", str(org) if org else ""
            )
            yield
        finally:
            await attempt.rollback()

    async def count(self, table: str, condition: str = "true") -> int:
        """Return how many rows of a table the acting role sees; none when it may not look."""
        statement = f"SELECT count(*) FROM {self.service}.{table} WHERE {condition}"
        try:
            async with self.connection.transaction():
                return int(await self.connection.fetchval(statement))
        except asyncpg.InsufficientPrivilegeError:
            return 0

    async def outcome(self, statement: str) -> str:
        """Return how a statement ends: the number of rows it touched, or how it was refused."""
        attempt = self.connection.transaction()
        await attempt.start()
        try:
            return str(await self.connection.execute(statement)).rpartition(" ")[2]
        except asyncpg.InsufficientPrivilegeError:
            return "refused"
        except asyncpg.PostgresError as error:
            return type(error).__name__
        finally:
            await attempt.rollback()


async def plant(connection: asyncpg.Connection, service: str) -> Fence:
    """Put rows of two organizations into every table that has owners; keep what that needs."""
    owned = sorted(tenant_tables(service))
    tables = [*sorted(global_tables(service)), *owned]
    columns: Columns = {}
    for table in tables:
        found = await connection.fetch(COLUMNS, f"{service}.{table}")
        columns[table] = {row["name"]: row["type"] for row in found}
    # What a row means is another test's matter; here it only has to be there.
    for row in await connection.fetch(CHECKS, service):
        await connection.execute(f"ALTER TABLE {row['table']} DROP CONSTRAINT {row['name']}")
    fence = Fence(service, connection, columns)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in tables:
            for org in (HOST, GUEST):
                await connection.execute(fence.insert(table, org))
    return fence


async def leaks(fence: Fence, tables: Iterable[str] | None = None) -> list[str]:
    """Return what the roles of a service see or do that they must not."""
    found = []
    for table in sorted(tenant_tables(fence.service)) if tables is None else tables:
        found += [f"{table}: {told}" async for told in _reading(fence, table)]
        found += [f"{table}: {told}" async for told in _writing(fence, table)]
    return found


async def _reading(fence: Fence, table: str) -> AsyncIterator[str]:
    for role in ("app", "ro", "owner"):
        async with fence.acting(role):
            if await fence.count(table):
                yield f"{role} without an organization sees rows"
        async with fence.acting(role, STRANGER):
            if await fence.count(table):
                yield f"{role} of an organization without rows sees rows"
        async with fence.acting(role, GUEST):
            if await fence.count(table, f"org_id = '{GUEST}'") != 1:
                yield f"{role} does not see the organization's own row"


async def _writing(fence: Fence, table: str) -> AsyncIterator[str]:
    name = f"{fence.service}.{table}"
    to_host = fence.insert(table, STRANGER, org_id=HOST)
    async with fence.acting("app"):
        if (told := await fence.outcome(to_host)) != "refused":
            yield f"app without an organization inserts a row: {told}"
    async with fence.acting("app", GUEST):
        if (told := await fence.outcome(to_host)) != "refused":
            yield f"app inserts a row of another organization: {told}"
        away = f"UPDATE {name} SET org_id = '{HOST}' WHERE org_id = '{GUEST}'"
        if (told := await fence.outcome(away)) != "refused":
            yield f"app gives a row away: {told}"
        for statement in (
            f"UPDATE {name} SET org_id = org_id WHERE org_id = '{HOST}'",
            f"DELETE FROM {name} WHERE org_id = '{HOST}'",
        ):
            if (told := await fence.outcome(statement)) not in ("0", "refused"):
                yield f"app writes rows of another organization: {told}"
        if await _points_at_tenants(fence, table):
            across = fence.insert(table, HOST, org_id=GUEST, id=STRANGER)
            if (told := await fence.outcome(across)) != "ForeignKeyViolationError":
                yield f"app points at a row of another organization: {told}"


async def _points_at_tenants(fence: Fence, table: str) -> bool:
    targets = await fence.connection.fetch(
        "SELECT o.relname FROM pg_constraint f JOIN pg_class o ON o.oid = f.confrelid"
        " WHERE f.contype = 'f' AND f.conrelid = $1::text::regclass",
        f"{fence.service}.{table}",
    )
    return bool({row["relname"] for row in targets} & tenant_tables(fence.service))
