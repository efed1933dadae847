"""What can be done about what is over: clear it away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from libs.chassis.database import Database
from services.identity.clearances import queries
from services.identity.users.model import ANYONE

KEPT = timedelta(days=7)
"""How long what is over can still be looked at, by who has to find out what happened."""


async def clear_away(database: Database) -> bool:
    """Clear away some of what is over, one transaction for each table; tells whether more waits."""
    at = datetime.now(UTC)
    has_more = False
    for statement in queries.statements(at, at - KEPT):
        async with database.unit_of_work(ANYONE) as uow:
            has_more |= await queries.run(uow.session, statement) >= queries.MOST
    return has_more
