"""Migrated databases for tests: made from a template, emptied and lent again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import count

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.local.postgres import Cluster
from deploy.local.provision import close_database, generate_passwords, provision
from libs.chassis.testing import ServiceDatabase, migrate

DRIVER = "postgresql+asyncpg"
MOST_BYTES = 4 * 1024 * 1024
"""A database that has grown larger is not lent again: to empty it takes longer than to copy."""

_WATCHED = (
    *("pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_event_trigger"),
    *("pg_extension", "pg_index", "pg_namespace", "pg_policy", "pg_proc", "pg_rewrite"),
    *("pg_sequence", "pg_statistic", "pg_trigger", "pg_type"),
)

_STRUCTURE = " UNION ALL ".join(
    f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}" for name in _WATCHED
)
"""What changes as soon as a test alters, grants or analyses anything."""

_SETTINGS = """
UNION ALL SELECT 'settings', count(*), max(s.xmin::text::bigint)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
WHERE d.datname = current_database()
UNION ALL SELECT d.datacl::text, d.datdba::bigint, d.datconnlimit
FROM pg_database d WHERE d.datname = current_database()
"""

_LEAVE = """
SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_FILLED = """
SELECT c.oid::regclass::text AS name, pg_total_relation_size(c.oid) AS bytes
FROM pg_class c WHERE c.relnamespace = $1::text::regnamespace AND c.relkind = 'r'
  AND pg_relation_size(c.oid) > 0
"""

_REWIND = """
SELECT setval(s.seqrelid, s.seqstart, false) FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid WHERE c.relnamespace = $1::text::regnamespace
"""


@dataclass
class _Template:
    """A service's migrated database, that nobody enters; `kept` has rows from the migrations."""

    passwords: dict[str, str]
    name: str
    kept: tuple[str, ...]


@dataclass
class _Copy:
    """A database that was made for tests, and how it was when it was new."""

    name: str
    as_made: str


class Databases:
    """The databases of one cluster: each is lent to one test, or module, at a time."""

    def __init__(self, cluster: Cluster) -> None:
        """Make nothing before the first is asked for."""
        self._cluster = cluster
        self._numbers = count(1)
        self._templates: dict[str, _Template] = {}
        self._idle: dict[str, list[_Copy]] = defaultdict(list)
        self._lent: dict[ServiceDatabase, _Copy] = {}

    async def lend(self, service: str) -> ServiceDatabase:
        """Return a migrated database of a service in which nothing has happened."""
        template = await self._template(service)
        name = f"test_{service}_{next(self._numbers)}"
        if self._idle[service]:
            copy = self._idle[service].pop()
            # Whoever kept an address from an earlier test finds nobody there.
            await self._administer(f'ALTER DATABASE "{copy.name}" RENAME TO "{name}"')
            copy.name = name
        else:
            copy = await self._make(service, template, name)
        lent = ServiceDatabase(
            service,
            admin=self._cluster.admin_url(name, driver=DRIVER),
            **{
                suffix: self._cluster.url(
                    f"{service}_{suffix}",
                    template.passwords[f"{service}_{suffix}"],
                    name,
                    driver=DRIVER,
                )
                for suffix in ("app", "relay", "ro")
            },
        )
        self._lent[lent] = copy
        return lent

    async def take_back(self, database: ServiceDatabase) -> None:
        """Empty a database to lend it again; remove it when a test has changed more than rows."""
        copy = self._lent.pop(database)
        connection = await asyncpg.connect(self._cluster.admin_url(copy.name))
        try:
            await connection.fetch(_LEAVE)
            is_as_made = await self._empty(connection, database.service, copy)
        finally:
            await connection.close()
        if is_as_made:
            self._idle[database.service].append(copy)
        else:
            await self._administer(f'DROP DATABASE "{copy.name}" WITH (FORCE)')

    async def _empty(self, connection: asyncpg.Connection, service: str, copy: _Copy) -> bool:
        template = self._templates[service]
        if await _described(connection, template.kept) != copy.as_made:
            return False
        filled = await connection.fetch(_FILLED, service)
        if sum(row["bytes"] for row in filled) > MOST_BYTES:
            return False
        emptied = [row["name"] for row in filled if row["name"] not in template.kept]
        async with connection.transaction():
            # No trigger is asked: not those that keep history, not those of foreign keys.
            await connection.execute("SET LOCAL session_replication_role = replica")
            for name in emptied:
                await connection.execute(f"DELETE FROM {name}")
        if emptied:
            # Rows come to lie as in a new database: no test may see that others were here before.
            await connection.execute(f"VACUUM (SKIP_DATABASE_STATS) {', '.join(emptied)}")
        await connection.fetch(_REWIND, service)
        return True

    async def _make(self, service: str, template: _Template, name: str) -> _Copy:
        # Copied as files: nothing is written ahead for a database that lives as long as a test run.
        await self._administer(
            f'CREATE DATABASE "{name}" TEMPLATE "{template.name}" OWNER {service}_owner'
            " STRATEGY FILE_COPY"
        )
        url = self._cluster.admin_url(name)
        # A copy has neither the rights of its template nor its roles' search paths.
        await close_database(url, service, name)
        connection = await asyncpg.connect(url)
        try:
            return _Copy(name, await _described(connection, template.kept))
        finally:
            await connection.close()

    async def _template(self, service: str) -> _Template:
        if service not in self._templates:
            name, passwords = f"template_{service}", generate_passwords(service)
            await provision(self._cluster.admin_url("postgres"), service, passwords, database=name)
            engine = create_async_engine(
                self._cluster.admin_url(name, driver=DRIVER), poolclass=NullPool
            )
            async with engine.connect() as connection:
                await connection.run_sync(migrate, service)
                await connection.commit()
            await engine.dispose()
            kept = await self._filled_by_migrations(service, name)
            self._templates[service] = _Template(passwords, name, kept)
        return self._templates[service]

    async def _filled_by_migrations(self, service: str, name: str) -> tuple[str, ...]:
        connection = await asyncpg.connect(self._cluster.admin_url(name))
        try:
            filled = await connection.fetch(_FILLED, service)
            return tuple(sorted(row["name"] for row in filled))
        finally:
            await connection.close()

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self._cluster.admin_url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def _described(connection: asyncpg.Connection, kept: tuple[str, ...]) -> str:
    """Tell a database's structure, and the rows that its migrations brought, as one text."""
    structure = await connection.fetch(_STRUCTURE + _SETTINGS)
    rows = [
        await connection.fetchval(
            f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {name} t"
        )
        for name in kept
    ]
    return repr(([tuple(row) for row in structure], rows))
