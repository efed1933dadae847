"""Migrations: how a service's env.py runs Alembic, as the schema's owner and under lock limits."""

from __future__ import annotations

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "30s"
ADVISORY_KEY = 0x6D69677261


def run(service: str, metadata: MetaData) -> None:
    """Run the migrations of one service.

    The connection is the one given in `config.attributes["connection"]`, or a new one to
    `<SERVICE>_MIGRATION_DATABASE_URL`.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given, service, metadata)
        return
    asyncio.run(
        _connect(os.environ[f"{service.upper()}_MIGRATION_DATABASE_URL"], service, metadata)
    )


async def _connect(url: str, service: str, metadata: MetaData) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, service, metadata)
        await connection.commit()
    await engine.dispose()


def _migrate(connection: Connection, service: str, metadata: MetaData) -> None:
    for statement in (
        f"SET lock_timeout = '{LOCK_TIMEOUT}'",
        f"SET statement_timeout = '{STATEMENT_TIMEOUT}'",
        f"SET search_path = {service}",
        f"SELECT pg_advisory_xact_lock({ADVISORY_KEY})",
        f"SET ROLE {service}_owner",
    ):
        connection.execute(text(statement))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=service,
        include_schemas=True,
        include_name=lambda name, kind, _parents: kind != "schema" or name == service,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("RESET ROLE"))
    connection.commit()
