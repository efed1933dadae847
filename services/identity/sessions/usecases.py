"""What can be done with sessions: sign in, come back, sign out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.memberships.queries import list_open_organizations
from services.identity.sessions import queries
from services.identity.sessions.model import (
    PASSWORD_ONLY,
    NoOrganization,
    NotThisOrganization,
    SignInSession,
    WrongCredentials,
    digest,
    new_secret,
)
from services.identity.sign_in_attempts.usecases import begin_attempt, forgive, note_failure
from services.identity.users.model import ANYONE, User
from services.identity.users.queries import find_user_by_email
from services.identity.users.usecases import is_password_of, strengthen_hash

Transactions = Callable[[Actor], AbstractAsyncContextManager[UnitOfWork]]


async def sign_in(
    transactions: Transactions,
    *,
    email: str,
    password: str,
    network: str,
    only: str | None,
) -> str:
    """Prove who someone is and return the new session's secret; `only` names the one organization.

    Three transactions, so that an attempt counts whatever becomes of it, and no connection waits
    while a password is hashed.
    """
    async with transactions(ANYONE) as uow:
        await begin_attempt(uow, email, network)
        user = await find_user_by_email(uow.session, email)
    if not await is_password_of(user, password):
        async with transactions(ANYONE) as uow:
            await note_failure(uow, network)
        raise WrongCredentials
    assert user is not None
    async with transactions(user.as_person()) as uow:
        await forgive(uow, email, network)
        await _check_belongs(uow, user, only)
        user = await uow.session.merge(user)
        await strengthen_hash(user, password)
        return _open_session(uow, user)


async def come_back(uow: UnitOfWork, secret: str | None) -> SignInSession | None:
    """Return the open session of a browser, if it has one, and note the visit."""
    found = await queries.find_session(uow.session, secret) if secret else None
    if found is None or not found.is_open(uow.now()):
        return None
    found.see(uow.now())
    return found


async def sign_out(uow: UnitOfWork, secret: str | None) -> None:
    """End the browser's session; no token is renewed on its strength any more."""
    found = await queries.find_session(uow.session, secret) if secret else None
    if found is not None and found.ended_at is None:
        found.end(uow.now())


async def _check_belongs(uow: UnitOfWork, user: User, only: str | None) -> None:
    codes = [row.code for row in await list_open_organizations(uow.session, user.id)]
    if only is not None and only not in codes:
        raise NotThisOrganization
    if not codes:
        raise NoOrganization


def _open_session(uow: UnitOfWork, user: User) -> str:
    secret = new_secret()
    uow.session.add(
        SignInSession(
            secret_digest=digest(secret),
            user_id=user.id,
            acr=PASSWORD_ONLY,
            amr=["pwd"],
            signed_in_at=uow.now(),
            last_seen_at=uow.now(),
        )
    )
    return secret
