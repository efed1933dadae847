"""Four connections, two organizations, any order of events: no request ever sees a foreign row."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase, org_id_of
from libs.outbox.uow import UnitOfWork
from libs.refusals import Conflict
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantSession

CONNECTIONS = 4
TENANTS = (org_id_of("MOH"), org_id_of("MOLE"))

ADD = text(
    "INSERT INTO lending.books (org_id, id, title, copies, price_amount, bought_on, read_at,"
    " shelf_id, version, created_at, created_by, updated_at, updated_by)"
    " SELECT :org, id, id::text, 1, 1, now(), now(), id, 1, now(), id, now(), id"
    " FROM gen_random_uuid() AS id"
)
LOOK = text("SELECT org_id, current_setting('app.org_id')::uuid AS context FROM lending.books")
SLOW = text("SELECT count(*) FROM lending.books, pg_sleep(0.02)")


class Request:
    """One unit of work in a task of its own, doing what it is told."""

    def __init__(self, database: Database, org_id: UUID) -> None:
        self.org_id = org_id
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.answers: asyncio.Queue[Any] = asyncio.Queue()
        self.task = asyncio.create_task(self._work(database))

    async def _work(self, database: Database) -> None:
        async with database.unit_of_work(Actor.system(self.org_id)) as uow:
            while (word := await self.told.get()) != "commit":
                self.answers.put_nowait(await self._do(word, uow))

    async def _do(self, word: str, uow: UnitOfWork) -> Any:
        match word:
            case "add":
                await uow.session.execute(ADD, {"org": self.org_id})
            case "try":
                async with uow.session.begin_nested() as savepoint:
                    await uow.session.execute(ADD, {"org": self.org_id})
                    await savepoint.rollback()
            case "slow":
                await uow.session.execute(SLOW)
            case "timeout":
                async with asyncio.timeout(0.002):
                    await uow.session.execute(SLOW)
            case "refuse":
                raise Conflict
        return [(row.org_id, row.context) for row in await uow.session.execute(LOOK)]

    async def ask(self, word: str) -> Any:
        self.told.put_nowait(word)
        answer = asyncio.ensure_future(self.answers.get())
        await asyncio.wait({answer, self.task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            await self.task
        return answer.result()

    async def end(self, word: str) -> None:
        self.told.put_nowait(word)
        with suppress(Conflict, TimeoutError):
            await self.task

    async def cut(self, after: float) -> None:
        """Cancel in the middle of a statement, or before it, or after it."""
        self.told.put_nowait("slow")
        await asyncio.sleep(after)
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


class Traffic(RuleBasedStateMachine):
    """Requests of two organizations that begin, end and break off in any order."""

    url = ""
    requests: Bundle[Request] = Bundle("requests")
    org_ids = st.sampled_from(TENANTS)

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        # As many beyond the pool as in it.
        self.database = Database(self.url, pool_size=CONNECTIONS // 2)
        self.open: list[Request] = []

    def teardown(self) -> None:
        async def close() -> None:
            for request in self.open:
                await request.cut(0)
            await self.database.close()

        self.runner.run(close())
        self.runner.close()

    @precondition(lambda self: len(self.open) < CONNECTIONS)
    @rule(target=requests, org_id=org_ids)
    def begin(self, org_id: UUID) -> Request:
        async def started() -> Request:
            return Request(self.database, org_id)

        request = self.runner.run(started())
        self.open.append(request)
        return request

    @rule(request=requests, word=st.sampled_from(["look", "add", "try", "slow"]))
    def work(self, request: Request, word: str) -> None:
        rows = self.runner.run(request.ask(word))
        assert {org for pair in rows for org in pair} <= {request.org_id}

    @rule(request=consumes(requests), word=st.sampled_from(["commit", "refuse", "timeout"]))
    def end(self, request: Request, word: str) -> None:
        self.runner.run(request.end(word))
        self.open.remove(request)

    @rule(request=consumes(requests), after=st.floats(0, 0.03))
    def cut(self, request: Request, after: float) -> None:
        self.runner.run(request.cut(after))
        self.open.remove(request)


async def test_no_request_ever_sees_a_foreign_row(database: ServiceDatabase) -> None:
    Traffic.url = database.app
    few = settings(
        max_examples=25,
        stateful_step_count=40,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run, Traffic, settings=few)


async def test_a_fence_that_is_open_would_be_seen(database: ServiceDatabase) -> None:
    unfenced = Database(database.admin)
    moh, mole = (Request(unfenced, org_id) for org_id in TENANTS)
    await moh.ask("add")
    await moh.end("commit")
    assert {org_id for org_id, _ in await mole.ask("look")} == {TENANTS[0]}
    await mole.end("commit")
    await unfenced.close()


async def test_a_cancelled_connection_never_comes_back(database: ServiceDatabase) -> None:
    one = Database(database.app, pool_size=1)
    pids: list[int] = []
    begun = asyncio.Event()

    async def work() -> None:
        async with one.unit_of_work(Actor.system(TENANTS[0])) as uow:
            pids.append(await uow.session.scalar(text("SELECT pg_backend_pid()")))
            begun.set()
            await uow.session.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(work())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    async with one.unit_of_work(Actor.system(TENANTS[1])) as uow:
        pids.append(await uow.session.scalar(text("SELECT pg_backend_pid()")))
    assert pids[0] != pids[1]
    await one.close()


async def test_what_was_set_out_for_one_request_never_serves_another(
    database: ServiceDatabase,
) -> None:
    one = Database(database.app, pool_size=1)
    async with one.sessions(info={"actor": Actor.system(TENANTS[0])}) as session:
        await session.connection()
    async with one.engine.connect() as connection:
        assert not await connection.scalar(text("SELECT current_setting('app.org_id', true)"))
    await one.close()


async def test_what_a_transaction_was_to_close_with_goes_with_it_alone(
    database: ServiceDatabase,
) -> None:
    one = Database(database.app, pool_size=1)
    async with one.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await connection.execute(text("SELECT 1"))
        driver.close_next_with("SELECT 1 / 0")
        await connection.rollback()
        await connection.execute(text("SELECT 1"))
        await connection.commit()
    await one.close()


async def test_a_transaction_that_half_begins_takes_its_connection_with_it(
    database: ServiceDatabase,
) -> None:
    one = Database(database.app, pool_size=1)
    async with one.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.open_next_with("SELECT 1 / 0")
        with pytest.raises(DBAPIError, match="division by zero"):
            await connection.execute(text("SELECT 1"))
    async with one.engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
        assert driver is not (await connection.get_raw_connection()).driver_connection
    await one.close()


async def test_a_session_on_a_begun_transaction_sees_its_organization_alone(
    database: ServiceDatabase,
) -> None:
    one = Database(database.app, pool_size=1)
    async with one.engine.begin() as connection:
        await connection.execute(text("SELECT 1"))
        actor = Actor.system(TENANTS[0])
        async with one.sessions(bind=connection, info={"actor": actor}) as session:
            org = await session.scalar(text("SELECT current_setting('app.org_id', true)"))
    assert org == str(TENANTS[0])
    await one.close()


async def test_a_session_on_connections_of_another_kind_sees_its_organization_alone(
    database: ServiceDatabase,
) -> None:
    engine = create_async_engine(database.app)
    info = {"actor": Actor.system(TENANTS[0])}
    async with AsyncSession(engine, sync_session_class=TenantSession, info=info) as session:
        org = await session.scalar(text("SELECT current_setting('app.org_id', true)"))
    assert org == str(TENANTS[0])
    await engine.dispose()
