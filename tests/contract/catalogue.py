"""What a database says about itself: its catalogue, read in one go, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import asyncpg

PUBLIC = "public"


@dataclass(frozen=True)
class Relation:
    """A table, a view or another thing that holds rows."""

    name: str
    schema: str
    kind: str
    owner: str
    is_secured: bool
    is_forced: bool
    options: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A row-level security policy as PostgreSQL prints it."""

    table: str
    name: str
    command: str
    is_permissive: bool
    roles: tuple[str, ...]
    using: str | None
    check: str | None


@dataclass(frozen=True)
class Index:
    """An index with the columns of its keys; an expression is no column."""

    table: str
    name: str
    is_primary: bool
    columns: tuple[str | None, ...]


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key, column by column."""

    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """A privilege on something; `column` is None when it is on the whole."""

    kind: str
    on: str
    grantee: str
    privilege: str
    column: str | None = None


@dataclass(frozen=True)
class Role:
    """A login of the service, with what would let it step over every policy."""

    name: str
    powers: tuple[str, ...]
    member_of: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """All of it."""

    service: str
    relations: list[Relation]
    policies: list[Policy]
    indexes: list[Index]
    foreign_keys: list[ForeignKey]
    grants: list[Grant]
    roles: list[Role]
    owners: dict[str, str] = field(default_factory=dict)
    definers: list[str] = field(default_factory=list)

    def rows(self, name: str) -> list[Policy]:
        """Return the policies of a table."""
        return [policy for policy in self.policies if policy.table == name]

    @property
    def tables(self) -> list[Relation]:
        """What stores rows of its own; the rest shows those of others."""
        return [relation for relation in self.relations if relation.kind in "rpf"]


OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"

RELATIONS = f"""
SELECT c.relname AS name, n.nspname AS schema, c.relkind::text AS kind,
       pg_get_userbyid(c.relowner) AS owner, c.relrowsecurity AS is_secured,
       c.relforcerowsecurity AS is_forced, coalesce(c.reloptions, '{{}}') AS options
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') ORDER BY 2, 1
"""

POLICIES = """
SELECT tablename AS "table", policyname AS name, cmd AS command,
       permissive = 'PERMISSIVE' AS is_permissive, roles, qual AS using, with_check AS check
FROM pg_policies ORDER BY 1, 2
"""

INDEXES = f"""
SELECT t.relname AS "table", c.relname AS name, i.indisprimary AS is_primary,
       array(SELECT a.attname FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(n, o)
             LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n AND k.n > 0
             ORDER BY k.o) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace WHERE {OURS} ORDER BY 1, 2
"""

FOREIGN_KEYS = f"""
SELECT t.relname AS "table", f.conname AS name, o.relname AS target,
       array(SELECT attname FROM unnest(f.conkey) WITH ORDINALITY AS k(n, o)
             JOIN pg_attribute ON attrelid = t.oid AND attnum = k.n ORDER BY k.o) AS columns,
       array(SELECT attname FROM unnest(f.confkey) WITH ORDINALITY AS k(n, o)
             JOIN pg_attribute ON attrelid = f.confrelid AND attnum = k.n ORDER BY k.o)
           AS target_columns
FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class o ON o.oid = f.confrelid
JOIN pg_namespace n ON n.oid = t.relnamespace WHERE {OURS} AND f.contype = 'f' ORDER BY 1, 2
"""

GRANTS = f"""
WITH acl(kind, "on", "column", items) AS (
    SELECT 'table', c.relname, NULL, coalesce(c.relacl, acldefault('r', c.relowner))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {OURS} AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
    UNION ALL
    SELECT 'sequence', c.relname, NULL, coalesce(c.relacl, acldefault('s', c.relowner))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {OURS} AND c.relkind = 'S'
    UNION ALL
    SELECT 'table', c.relname, a.attname, a.attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} AND a.attacl IS NOT NULL
    UNION ALL
    SELECT 'schema', n.nspname, NULL, coalesce(n.nspacl, acldefault('n', n.nspowner))
    FROM pg_namespace n WHERE {OURS}
    UNION ALL
    SELECT 'database', 'database', NULL, coalesce(datacl, acldefault('d', datdba))
    FROM pg_database WHERE datname = current_database()
)
SELECT kind, "on", "column",
       CASE WHEN e.grantee = 0 THEN '{PUBLIC}' ELSE pg_get_userbyid(e.grantee) END AS grantee,
       e.privilege_type AS privilege
FROM acl CROSS JOIN LATERAL aclexplode(items) AS e ORDER BY 1, 2, 4, 5
"""

ROLES = """
SELECT rolname AS name,
       array_remove(ARRAY[
           CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
           CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
           CASE WHEN rolreplication THEN 'REPLICATION' END], NULL) AS powers,
       array(SELECT g.rolname FROM pg_roles g
             WHERE g.oid <> r.oid AND pg_has_role(r.oid, g.oid, 'MEMBER')) AS member_of
FROM pg_roles r WHERE rolname = ANY($1) ORDER BY 1
"""

OWNERS = f"""
SELECT 'schema ' || n.nspname AS "what", pg_get_userbyid(n.nspowner) AS owner
FROM pg_namespace n WHERE {OURS}
UNION ALL
SELECT 'database', pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()
"""

DEFINERS = f"""
SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {OURS} AND p.prosecdef
"""

RUNTIME = ("app", "relay", "ro")


async def read_catalogue(connection: asyncpg.Connection, service: str) -> Catalogue:
    """Read the catalogue of the database of one service."""
    runtime = [f"{service}_{suffix}" for suffix in RUNTIME]
    owners = await connection.fetch(OWNERS)
    return Catalogue(
        service=service,
        relations=await _each(connection, RELATIONS, Relation),
        policies=await _each(connection, POLICIES, Policy),
        indexes=await _each(connection, INDEXES, Index),
        foreign_keys=await _each(connection, FOREIGN_KEYS, ForeignKey),
        grants=await _each(connection, GRANTS, Grant),
        roles=await _each(connection, ROLES, Role, runtime),
        owners={row["what"]: row["owner"] for row in owners},
        definers=[row["name"] for row in await connection.fetch(DEFINERS)],
    )


async def _each(connection: asyncpg.Connection, statement: str, kind: Any, *values: Any) -> Any:
    rows = await connection.fetch(statement, *values)
    plain = [{name: tuple(v) if isinstance(v, list) else v for name, v in r.items()} for r in rows]
    return [kind(**row) for row in plain]
