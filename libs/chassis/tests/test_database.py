from uuid import UUID

import asyncpg
from sqlalchemy import text

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.tenancy.actor import Actor

LENDER = Actor.system(UUID(int=7))


async def test_after_the_database_cut_every_connection_the_next_unit_of_work_succeeds(
    database: ServiceDatabase, administrator: asyncpg.Connection
) -> None:
    opened = Database(database.app)
    async with opened.unit_of_work(LENDER) as uow:
        (pid,) = (await uow.session.execute(text("SELECT pg_backend_pid()"))).one()
    assert await administrator.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
    async with opened.unit_of_work(LENDER) as uow:
        (another,) = (await uow.session.execute(text("SELECT pg_backend_pid()"))).one()
    await opened.close()
    assert another != pid
