"""What can be done with users: register one, set a password, and check who signs in."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from sqlalchemy import text

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.users import queries
from services.identity.users.model import (
    HASHER,
    NOBODY_S_HASH,
    EmailTaken,
    User,
    hash_password,
    is_password,
)


@cache
def _hashing() -> ThreadPoolExecutor:
    """At most two hashes at once in a process, off the event loop: 92 MiB and no more."""
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


async def hash_in_turn(password: str) -> str:
    """Hash a new password without holding up other requests."""
    return await asyncio.get_running_loop().run_in_executor(_hashing(), hash_password, password)


async def is_password_of(user: User | None, password: str) -> bool:
    """Tell whether the password is this user's; an unknown user takes exactly as long."""
    stored = user.password_hash if user else NOBODY_S_HASH
    matches = await asyncio.get_running_loop().run_in_executor(
        _hashing(), is_password, password, stored
    )
    return matches and user is not None and user.is_active


async def become(uow: UnitOfWork, actor: Actor) -> None:
    """Let the rest of this transaction run for another actor: what it wrote so far stays.

    For identity alone, where a request learns only midway whom it serves: a code says which person,
    an operator's command says which organization.
    """
    await uow.flush()
    uow.actor = actor
    uow.session.info["actor"] = actor
    await uow.session.execute(
        text(
            "SELECT set_config('app.org_id', :org_id, true),"
            " set_config('app.actor_id', :actor_id, true)"
        ),
        {"org_id": str(actor.org_id), "actor_id": str(actor.user_id)},
    )


async def register_user(uow: UnitOfWork, *, email: str, full_name: str, password: str) -> User:
    """Register a person, who can sign in from now on; the address can be used by no one else."""
    if await queries.find_user_by_email(uow.session, email):
        raise EmailTaken
    user = User(
        email=email.strip(),
        full_name=full_name,
        password_hash=await hash_in_turn(password),
        password_changed_at=uow.now(),
    )
    uow.session.add(user)
    await uow.session.flush()
    return user


async def change_password(uow: UnitOfWork, user: User, password: str) -> None:
    """Give a user a new password; the old one opens nothing any more."""
    user.password_hash = await hash_in_turn(password)
    user.password_changed_at = uow.now()


async def strengthen_hash(user: User, password: str) -> None:
    """Hash again a password that was just right, when it was stored under weaker settings."""
    if HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = await hash_in_turn(password)
