"""What can be done with devices: know one again."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.devices import queries
from services.identity.devices.model import Device
from services.identity.sessions.model import digest


async def find_known(uow: UnitOfWork, user_id: UUID, secret: str | None) -> Device | None:
    """Return the browser when this person has used it before."""
    if not secret:
        return None
    return await queries.find_device(uow.session, user_id, digest(secret))


async def remember_device(
    uow: UnitOfWork, user_id: UUID, secret: str, *, label: str, network: str
) -> bool:
    """Remember the browser of a person; tells whether it is new beside others they have used."""
    known = await find_known(uow, user_id, secret)
    if known is not None:
        known.last_seen_at, known.network = uow.now(), network
        return False
    others = await queries.count_devices(uow.session, user_id)
    uow.session.add(
        Device(
            user_id=user_id,
            secret_digest=digest(secret),
            label=label,
            network=network,
            first_seen_at=uow.now(),
            last_seen_at=uow.now(),
        )
    )
    return others > 0
