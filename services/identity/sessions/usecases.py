"""What can be done with sessions: open one, come back, come further."""

from __future__ import annotations

from collections.abc import Iterable

from libs.outbox.uow import UnitOfWork
from services.identity.sessions import queries
from services.identity.sessions.model import (
    MULTI_FACTOR,
    PASSWORD_ONLY,
    SignInSession,
    digest,
    new_secret,
)
from services.identity.users.model import User


async def open_session(
    uow: UnitOfWork, user: User, means: Iterable[str], *, network: str, device: str
) -> tuple[SignInSession, str]:
    """Open a session on what was shown; returns it with the secret that stands for it."""
    secret, shown = new_secret(), list(means)
    has_more = "mfa" in shown
    row = SignInSession(
        secret_digest=digest(secret),
        user_id=user.id,
        acr=MULTI_FACTOR if has_more else PASSWORD_ONLY,
        amr=shown,
        awaits=None,
        signed_in_at=uow.now(),
        mfa_at=uow.now() if has_more else None,
        proved_at=uow.now(),
        last_seen_at=uow.now(),
        network=network,
        device=device,
    )
    uow.session.add(row)
    await uow.session.flush()
    return row, secret


async def come_halfway(uow: UnitOfWork, secret: str | None) -> SignInSession | None:
    """Return the session of a browser, even while it awaits a step, and note the visit."""
    found = await queries.find_session(uow.session, secret) if secret else None
    if found is None or not found.is_alive(uow.now()):
        return None
    found.see(uow.now())
    return found


async def come_back(uow: UnitOfWork, secret: str | None) -> SignInSession | None:
    """Return the open session of a browser, if it has one, and note the visit."""
    found = await come_halfway(uow, secret)
    return found if found is not None and found.is_open(uow.now()) else None
