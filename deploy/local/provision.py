"""Roles, database and schema of one service: a database administrator's work, safe to repeat.

The owner has the tables and cannot log in; the migrator logs in and may become the owner, nothing
else; the app, the relay and the read-only role log in and are given rights table by table by the
migrations. Nobody but these may even connect.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.local.postgres import new_password

SERVICES = ("identity", "planning", "budgeting", "mana", "coordination", "ocm")

LOGINS = ("app", "relay", "ro", "migrator")
"""What may log in, as suffix of the service's name; `<service>_owner` may not."""

COMMON_RIGHTS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


def login_roles(service: str) -> tuple[str, ...]:
    """Return the roles of a service that have a password."""
    return tuple(f"{service}_{suffix}" for suffix in LOGINS)


def generate_passwords(service: str) -> dict[str, str]:
    """Make a password for each of them."""
    return {role: new_password() for role in login_roles(service)}


async def provision(
    admin_url: str,
    service: str,
    passwords: Mapping[str, str],
    *,
    database: str | None = None,
) -> None:
    """Make the roles, the database (`bmms_<service>` unless named) and the schema, or repair them.

    `admin_url` is any database of the cluster, as a superuser: the schema needs a connection of
    its own.
    """
    database = database or f"bmms_{service}"
    admin = await asyncpg.connect(_plain(admin_url))
    try:
        await _roles(admin, service, passwords)
        if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
            await admin.execute(f'CREATE DATABASE "{database}" OWNER {service}_owner')
    finally:
        await admin.close()
    await close_database(_plain(admin_url, database), service, database)


async def close_database(url: str, service: str, database: str) -> None:
    """Close a database to everyone but the service's roles, which exist already.

    `url` is the database itself, as a superuser.
    """
    inside = await asyncpg.connect(url)
    try:
        await _database(inside, service, database)
    finally:
        await inside.close()


async def _roles(
    admin: asyncpg.Connection,
    service: str,
    passwords: Mapping[str, str],
) -> None:
    """Create the five roles; set passwords and rights each time, so that a change takes effect."""
    for role in (f"{service}_owner", *login_roles(service)):
        # Roles belong to the whole cluster; another test worker may be making the same one now.
        await admin.execute(
            f"DO $$ BEGIN CREATE ROLE {role};"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
        )
    # Two workers that alter the same role at once would get "tuple concurrently updated".
    async with admin.transaction():
        await admin.execute("SELECT pg_advisory_xact_lock(hashtext('bmms.provision'))")
        await admin.execute(f"ALTER ROLE {service}_owner NOLOGIN {COMMON_RIGHTS}")
        for role in login_roles(service):
            await admin.execute(
                f"ALTER ROLE {role} LOGIN {COMMON_RIGHTS} PASSWORD {_literal(passwords[role])}"
            )
        await admin.execute(f"ALTER ROLE {service}_ro SET default_transaction_read_only = on")
        # May become the owner, and until it does, has none of the owner's rights.
        await admin.execute(
            f"GRANT {service}_owner TO {service}_migrator WITH INHERIT FALSE, SET TRUE"
        )


async def _database(inside: asyncpg.Connection, service: str, database: str) -> None:
    """Close the database to everyone else, make the schema, and let each role find it unnamed."""
    owner, logins = f"{service}_owner", ", ".join(login_roles(service))
    async with inside.transaction():
        await inside.execute("SELECT pg_advisory_xact_lock(hashtext('bmms.provision'))")
        await inside.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
        await inside.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {logins}')
        await inside.execute("DROP SCHEMA IF EXISTS public")
        await inside.execute(f"CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {owner}")
        await inside.execute(f"REVOKE ALL ON SCHEMA {service} FROM PUBLIC")
        await inside.execute(f"REVOKE CREATE ON SCHEMA {service} FROM {logins}")
        await inside.execute(f"GRANT USAGE ON SCHEMA {service} TO {logins}")
        for role in login_roles(service):
            await inside.execute(
                f'ALTER ROLE {role} IN DATABASE "{database}" SET search_path = {service}'
            )


def _plain(url: str, database: str | None = None) -> str:
    """Return the address as asyncpg reads it, with another database if one is named."""
    parts = urlsplit(url)
    path = parts.path if database is None else f"/{database}"
    return urlunsplit(("postgresql", parts.netloc, path, parts.query, ""))


def _literal(text: str) -> str:
    """Quote a string for a command that takes no parameters."""
    return "'" + text.replace("'", "''") + "'"
