"""What must be true before a service starts: roles, databases, streams, migrations.

Run as a child (`python -m deploy.local.prepare`) because it needs libraries that the supervisor
would otherwise hold in memory for ever. It may be repeated at any time.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable

import asyncpg
import nats
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from deploy.local.passwords import Passwords, keep_passwords
from deploy.local.provision import SERVICES, provision
from deploy.local.settings import ADMIN_URL, ROOT, state_folder
from libs.outbox.streams import ensure_stream


def prepare(services: Iterable[str] = SERVICES) -> None:
    """Make what is missing, and say what was made."""
    services = tuple(services)
    passwords = keep_passwords(state_folder())
    asyncio.run(_provision(services, passwords))
    asyncio.run(_streams(services))
    for service in services:
        migrate(service)


def migrate(service: str) -> bool:
    """Bring the schema of a service to its newest version, unless it is there already."""
    settings = Config(str(ROOT / "alembic.ini"), ini_section=service)
    newest = set(ScriptDirectory.from_config(settings).get_heads())
    if asyncio.run(applied_versions(os.environ[_migration_url(service)], service)) == newest:
        return False
    print(f"migrating {service} to {', '.join(sorted(newest))}", flush=True)
    command.upgrade(settings, "heads")
    return True


async def applied_versions(url: str, service: str) -> set[str]:
    """Return the versions that a database has; none when it is new."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        # The table belongs to the owner, whom this login has to become first.
        await connection.execute(f"SET ROLE {service}_owner")
        rows = await connection.fetch(f"SELECT version_num FROM {service}.alembic_version")
    except asyncpg.UndefinedTableError:
        return set()
    finally:
        await connection.close()
    return {row["version_num"] for row in rows}


async def _provision(services: Iterable[str], passwords: Passwords) -> None:
    for service in services:
        await provision(os.environ[ADMIN_URL], service, passwords.postgres)


async def _streams(services: Iterable[str]) -> None:
    for service in services:
        client = await nats.connect(os.environ[f"{service.upper()}_NATS_URL"])
        await ensure_stream(client.jetstream(), service)
        await client.close()


def _migration_url(service: str) -> str:
    return f"{service.upper()}_MIGRATION_DATABASE_URL"


if __name__ == "__main__":
    prepare(sys.argv[1:] or SERVICES)
