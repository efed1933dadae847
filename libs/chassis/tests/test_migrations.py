"""Migrations run as the owner, one at a time, and also on a connection of their own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.local.postgres import Cluster
from deploy.local.provision import provision
from libs.chassis import migrations

ENVIRONMENT = """
from libs.chassis.migrations import run
from libs.tests.lending import Base

run("lending", Base.metadata)
"""

VERSION = """
from alembic import op

from libs.outbox.tables import create_outbox_tables, drop_outbox_tables

revision, down_revision = "lending_0001", None


def upgrade() -> None:
    create_outbox_tables(op)


def downgrade() -> None:
    drop_outbox_tables(op)
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Config:
    """Give the migrations of a service that has its five tables and nothing else."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENVIRONMENT)
    (tmp_path / "versions" / "create_outbox.py").write_text(VERSION)
    config = Config()
    config.set_main_option("script_location", str(tmp_path))
    return config


@pytest.fixture
async def migrator(
    cluster: Cluster, lending_passwords: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> str:
    """Provision an empty database and tell its address to the migrations; return the admin's."""
    passwords, name = lending_passwords, "test_migrations"
    await provision(cluster.admin_url("postgres"), "lending", passwords, database=name)
    url = cluster.url(
        "lending_migrator", passwords["lending_migrator"], name, driver="postgresql+asyncpg"
    )
    monkeypatch.setenv("LENDING_MIGRATION_DATABASE_URL", url)
    return cluster.admin_url(name)


async def test_a_login_that_may_become_the_owner_migrates(scripts: Config, migrator: str) -> None:
    await asyncio.to_thread(command.upgrade, scripts, "head")
    connection = await asyncpg.connect(migrator)
    owners = await connection.fetch("SELECT tableowner FROM pg_tables WHERE schemaname = 'lending'")
    assert {row["tableowner"] for row in owners} == {"lending_owner"}
    assert len(owners) == 6
    await asyncio.to_thread(command.downgrade, scripts, "base")
    left = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'lending'")
    assert left == 1
    await connection.close()


async def test_a_migration_does_not_wait_long_for_a_lock(
    scripts: Config, migrator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "50ms")
    await asyncio.to_thread(command.upgrade, scripts, "head")
    connection = await asyncpg.connect(migrator)
    async with connection.transaction():
        await connection.execute("LOCK TABLE lending.outbox")
        with pytest.raises(Exception, match="lock timeout"):
            await asyncio.to_thread(command.downgrade, scripts, "base")
    await asyncio.to_thread(command.downgrade, scripts, "base")
    await connection.close()


async def test_two_runs_do_not_meet(
    scripts: Config, migrator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "50ms")
    connection = await asyncpg.connect(migrator)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", migrations.ADVISORY_KEY)
        with pytest.raises(Exception, match="lock timeout"):
            await asyncio.to_thread(command.upgrade, scripts, "head")
    await connection.close()


async def test_other_schemas_are_not_compared(scripts: Config, migrator: str) -> None:
    await asyncio.to_thread(command.upgrade, scripts, "head")
    connection = await asyncpg.connect(migrator)
    await connection.execute("CREATE SCHEMA beside; CREATE TABLE beside.stray (id int)")
    with pytest.raises(Exception, match="books") as told:
        await asyncio.to_thread(command.check, scripts)
    assert "stray" not in str(told.value)
    await connection.execute("DROP SCHEMA beside CASCADE")
    await connection.close()
    await asyncio.to_thread(command.downgrade, scripts, "base")


async def test_an_open_connection_is_used_and_given_back(scripts: Config, migrator: str) -> None:
    url = migrator.replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(url, poolclass=NullPool)

    def there_and_back(connection: Connection) -> None:
        scripts.attributes["connection"] = connection
        command.upgrade(scripts, "head")
        assert connection.scalar(text("SELECT current_user = session_user"))
        command.downgrade(scripts, "base")

    async with engine.connect() as connection:
        await connection.run_sync(there_and_back)
    await engine.dispose()
