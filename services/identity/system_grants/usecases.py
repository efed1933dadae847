"""What can be done with system grants: give one."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.identity.system_grants import queries
from services.identity.system_grants.model import Grant, SystemGrant
from services.identity.users.model import User


async def give_grant(uow: UnitOfWork, user: User, grant: Grant) -> SystemGrant:
    """Give a user a right within the acting organization; giving it twice changes nothing."""
    held = await queries.list_grants_of(uow.session, user.id)
    for row in held:
        if row.kind == grant and row.org_id == uow.actor.org_id:
            return row
    row = SystemGrant(user_id=user.id, kind=grant.value)
    uow.session.add(row)
    await uow.session.flush()
    return row
