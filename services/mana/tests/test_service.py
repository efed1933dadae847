"""MANA as a service: its migrations say what its models say, and lead both ways."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import create_async_engine

from libs.chassis.testing import ServiceDatabase, check_schema, migrate


async def test_the_migrations_say_what_the_models_say_and_go_back(
    database: ServiceDatabase,
) -> None:
    engine = create_async_engine(database.admin)
    async with engine.connect() as connection:
        await connection.run_sync(check_schema, "mana")
        await connection.run_sync(migrate, "mana", "base")
        left = await connection.run_sync(lambda c: inspect(c).get_table_names(schema="mana"))
        assert left == ["alembic_version"]
        await connection.run_sync(migrate, "mana")
        await connection.run_sync(check_schema, "mana")
    await engine.dispose()
