"""`python -m services.ocm.rebuild`: build the store anew from the sources' outboxes, then swap.

The new one grows in schema `ocm_next` beside the live one, which goes on serving and applying.
The swap is two renames in one transaction, so a reader finds either schema whole. Whatever stops
it before that leaves the live schema as it was; the next run begins by clearing up.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import nats
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    async_sessionmaker,
    create_async_engine,
)

from libs.outbox.backfill import Backfill, Head
from libs.outbox.inbox import APPLY_LOCK, Inbox, NotYet
from libs.tenancy.rows import TenantSession
from services.ocm.db import Base
from services.ocm.settings import Settings
from services.ocm.store_comparisons.model import Comparison, as_table
from services.ocm.store_comparisons.queries import count_only_before, list_comparisons
from services.ocm.worker import SUBSCRIBERS

LIVE, NEXT, OLD = "ocm", "ocm_next", "ocm_old"
LOGINS = "ocm_app, ocm_relay, ocm_ro, ocm_migrator"
REBUILD_LOCK = 0x72656275696C64
LOOK_SECONDS = 0.5
CONNECT_SECONDS = 10
TRIES = 60
LITTLE = 200
"""How many events may be left for the moment in which the worker stands still."""

LOCK_NOT_AVAILABLE = "55P03"


class CannotRebuild(Exception):
    """The live store was left as it was; the message says why and what to do."""


async def rebuild(settings: Settings) -> list[Comparison]:
    """Build, catch up, swap, compare; returns what the store was and what it now is."""
    owner = create_async_engine(settings.migration_database_url)
    # What is not on disk yet can be replayed; the swap's own commit waits for all before it.
    unhurried = {"server_settings": {"synchronous_commit": "off"}}
    worker = create_async_engine(settings.worker_database_url, connect_args=unhurried)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(owner.dispose)
        stack.push_async_callback(worker.dispose)
        client = await _bus(settings.nats_url)
        stack.push_async_callback(client.close)
        await stack.enter_async_context(_alone(owner))
        await _drop(owner, NEXT, OLD)
        await _create_next(owner)
        beside = worker.execution_options(schema_translate_map={LIVE: NEXT})
        sessions = async_sessionmaker(beside, sync_session_class=TenantSession)
        inbox = Inbox(Base.metadata, sessions, SUBSCRIBERS, beside=NEXT)
        backfill = Backfill(client, inbox)
        await _replay(inbox, backfill)
        await _swap(owner, worker, inbox, backfill)
        compared = await list_comparisons(worker, before=OLD, after=LIVE)
        await _drop(owner, OLD)
        return compared


async def _bus(url: str) -> Client:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await nats.connect(url, name="ocm-rebuild", error_cb=_quietly)
    except (NatsError, OSError) as error:
        raise CannotRebuild("the event bus cannot be reached; start it, then try again") from error


async def _quietly(_error: Exception) -> None:
    """Leave it to the question that is not answered: the client would print every attempt."""


@asynccontextmanager
async def _alone(owner: AsyncEngine) -> AsyncIterator[None]:
    """Hold the lock of rebuilds for as long as this one runs."""
    async with owner.connect() as opened:
        connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
        held = await connection.scalar(
            text("SELECT pg_try_advisory_lock(:key)"), {"key": REBUILD_LOCK}
        )
        if not held:
            raise CannotRebuild("another rebuild is at work; wait for it or stop it")
        try:
            yield
        finally:
            await connection.invalidate()


async def _create_next(owner: AsyncEngine) -> None:
    """Run our own migrations into the new schema: they write its name, so it borrows the live one.

    Nobody sees that: the renames there and back are one transaction.
    """
    async with _as_owner(owner) as connection:
        await connection.execute(text(f"ALTER SCHEMA {LIVE} RENAME TO {OLD}"))
        await connection.execute(text(f"CREATE SCHEMA {LIVE}"))
        await connection.execute(text(f"GRANT USAGE ON SCHEMA {LIVE} TO {LOGINS}"))
        await connection.run_sync(_migrate)
        await connection.execute(text(f"ALTER SCHEMA {LIVE} RENAME TO {NEXT}"))
        await connection.execute(text(f"ALTER SCHEMA {OLD} RENAME TO {LIVE}"))


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    scripts = ScriptDirectory.from_config(config)

    def to_head(revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("head", revision)  # noqa: SLF001 (as alembic's own command)

    with EnvironmentContext(config, scripts, fn=to_head, destination_rev="head") as environment:
        environment.configure(
            connection=connection, target_metadata=Base.metadata, version_table_schema=LIVE
        )
        environment.run_migrations()


async def _replay(inbox: Inbox, backfill: Backfill) -> None:
    """Apply every log from its first event, all sources at once, until little is left to come."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for source in inbox.sources:
                tasks.create_task(_replay_source(source, inbox, backfill))
    except ExceptionGroup as several:
        raise _first(several) from several


async def _replay_source(source: str, inbox: Inbox, backfill: Backfill) -> None:
    applied = 0
    while (until := (await _head(source, backfill)).source_seq) - applied > LITTLE * bool(applied):
        async with asyncio.TaskGroup() as tasks:
            filling = tasks.create_task(_fill(source, until, inbox, backfill))
            while not filling.done():
                applied = await inbox.checkpoints.applied_seq(source)
                _say(f"{source}: {applied} of {until} events")
                await asyncio.wait([filling], timeout=LOOK_SECONDS)
        applied = until
    _say(f"{source}: {applied} of {until} events, done but for what comes meanwhile")


async def _swap(owner: AsyncEngine, worker: AsyncEngine, inbox: Inbox, backfill: Backfill) -> None:
    """Hold the worker still, fetch what came meanwhile, and let the schemas change their names."""
    async with _as_owner(owner) as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPLY_LOCK})
        for source in inbox.sources:
            head = await _head(source, backfill)
            await _fill(source, head.source_seq, inbox, backfill)
            await inbox.checkpoints.confirm(source, head_seq=head.source_seq, at=head.at)
        forgotten = await count_only_before(worker, before=LIVE, after=NEXT)
        if forgotten:
            raise CannotRebuild(f"{forgotten} events that the live store applied are in no outbox")
        # Our own log is no projection: it moves to the new schema as it is.
        await connection.execute(text(f"DROP TABLE {NEXT}.outbox"))
        await connection.execute(text(f"ALTER TABLE {LIVE}.outbox SET SCHEMA {NEXT}"))
        await connection.execute(text(f"ALTER SCHEMA {LIVE} RENAME TO {OLD}"))
        await connection.execute(text(f"ALTER SCHEMA {NEXT} RENAME TO {LIVE}"))
    _say("swapped")


async def _head(source: str, backfill: Backfill) -> Head:
    try:
        return await backfill.head(source)
    except (NatsError, TimeoutError) as error:
        raise CannotRebuild(
            f"{source} does not answer: start its worker, then try again"
        ) from error


async def _fill(source: str, until: int, inbox: Inbox, backfill: Backfill) -> None:
    for _ in range(TRIES):
        try:
            await backfill.fill(source, until=until)
            break
        except NotYet as later:
            await asyncio.sleep(later.delay)
        except (NatsError, TimeoutError) as error:
            raise CannotRebuild(f"{source} stopped answering; start its worker again") from error
    applied = await inbox.checkpoints.applied_seq(source)
    if applied < until:
        raise CannotRebuild(
            f"event {applied + 1} of {source} cannot be had: its outbox no longer holds it, or the"
            " database refuses it (then its log says why); a rebuild would forget it"
        )


@asynccontextmanager
async def _as_owner(owner: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with owner.begin() as connection:
        await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        await connection.execute(text("SET LOCAL ROLE ocm_owner"))
        yield connection


async def _drop(owner: AsyncEngine, *schemas: str) -> None:
    """Drop schemas that nobody asks for any more; a reader of the moment before goes first."""
    for schema in schemas:
        for _ in range(TRIES):
            try:
                async with _as_owner(owner) as connection:
                    # Less than the deadlock timeout, so that it is never the reader who gives way.
                    await connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
                    await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
                break
            except DBAPIError as busy:
                if getattr(busy.orig, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                await asyncio.sleep(LOOK_SECONDS)


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Rebuild as the environment says; 1 when it could not or the store was not what it should."""
    try:
        compared = asyncio.run(rebuild(Settings()))
    except CannotRebuild as why:
        _say(f"nothing was changed: {why}")
        return 1
    except (DBAPIError, OSError) as error:
        _say(f"the database refused or cannot be reached: {error}")
        return 1
    except KeyboardInterrupt:
        _say("cancelled: the store that is live is whole; what was begun is cleared up next time")
        return 130
    sys.stdout.write(f"{as_table(compared)}\n")
    if all(each.is_same for each in compared):
        return 0
    _say("the store was not what its sources say; it is now")
    return 1


if __name__ == "__main__":
    sys.exit(main())
