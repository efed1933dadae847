"""What can be done with users: open, lock and close accounts, set and check passwords."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache

from sqlalchemy import text

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.users import queries
from services.identity.users.events import (
    UserActivated,
    UserDeactivated,
    UserEndorsed,
    UserInvited,
    UserLocked,
    UserReactivated,
    UserRegistered,
    UserRejected,
    UserUnlocked,
)
from services.identity.users.model import (
    HASHER,
    NOBODY_S_HASH,
    EmailTaken,
    User,
    UsernameTaken,
    UserStatus,
    hash_password,
    is_password,
)

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Names of mallopt(3)."""


@cache
def _hashing() -> ThreadPoolExecutor:
    """At most two hashes at once in a process, off the event loop: 92 MiB and no more."""
    _keep_memory()
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def _keep_memory() -> None:
    """Let the next hash have the memory of the last one.

    The C library would give 46 MiB back each time, and half of the time of a hash would go into
    having every page of it made anew. What is kept has been wiped by argon2. Elsewhere than with
    glibc nothing is lost but that time.
    """
    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, 64 * 1024 * 1024)
        library.mallopt(M_TRIM_THRESHOLD, 128 * 1024 * 1024)


async def hash_in_turn(password: str) -> str:
    """Hash a new password without holding up other requests."""
    return await asyncio.get_running_loop().run_in_executor(_hashing(), hash_password, password)


async def is_password_of(user: User | None, password: str) -> bool:
    """Tell whether the password is this user's; an unknown user takes exactly as long."""
    stored = (user and user.password_hash) or NOBODY_S_HASH
    matches = await asyncio.get_running_loop().run_in_executor(
        _hashing(), is_password, password, stored
    )
    return matches and user is not None and user.may_sign_in


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


async def set_password(
    uow: UnitOfWork, user: User, password: str, *, must_change: bool = False
) -> None:
    """Give a user a new password; the old one opens nothing any more."""
    user.password_hash = await hash_in_turn(password)
    user.password_changed_at = uow.now()
    user.must_change_password = must_change


async def strengthen_hash(user: User, password: str) -> None:
    """Hash again a password that was just right, when it was stored under weaker settings."""
    if user.password_hash and HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = await hash_in_turn(password)


async def invite_user(
    uow: UnitOfWork,
    email: str,
    full_name: str,
    *,
    username: str | None = None,
    **more: str,
) -> User:
    """Keep a person who was asked to join; `more` is phone and language.

    They cannot sign in before they accept.
    """
    if username is not None and await queries.find_user_by_username(uow.session, username):
        raise UsernameTaken
    user = User(email=email, full_name=full_name, username=username, **more)
    await _keep(uow, user, UserStatus.invited)
    uow.publish(UserInvited.model_validate(user), of=user)
    return user


async def open_registration(uow: UnitOfWork, email: str, full_name: str, **more: str) -> User:
    """Keep a person who applied for an account; `more` is phone and language.

    They cannot sign in before two others have agreed.
    """
    user = User(email=email, full_name=full_name, **more)
    await _keep(uow, user, UserStatus.registered)
    uow.publish(UserRegistered.model_validate(user), of=user)
    return user


async def _keep(uow: UnitOfWork, user: User, status: UserStatus) -> None:
    user.email = user.email.strip()
    if await queries.find_user_by_email(uow.session, user.email):
        raise EmailTaken
    user.status = status.value
    uow.session.add(user)
    await uow.session.flush()


async def register_user_again(uow: UnitOfWork, user: User) -> None:
    """Let a rejected person apply once more, under the account that they have."""
    user.register_again()
    uow.publish(UserRegistered.model_validate(user), of=user)


async def endorse_user(uow: UnitOfWork, user: User) -> None:
    """Give a registration the first of its two approvals."""
    user.endorse()
    uow.publish(UserEndorsed.model_validate(user), of=user)


async def reject_user(uow: UnitOfWork, user: User) -> None:
    """Refuse a registration; the account never opens unless the person applies again."""
    user.reject()
    uow.publish(UserRejected.model_validate(user), of=user)


async def activate_user(uow: UnitOfWork, user: User) -> None:
    """Open the account of someone invited or accepted; they may sign in from now on."""
    user.activate()
    uow.publish(UserActivated.model_validate(user), of=user)


async def lock_user(
    uow: UnitOfWork, user: User, reason: str, *, until: datetime | None = None
) -> None:
    """Keep a person out, for good or until a time; whoever calls ends the person's sessions."""
    user.lock(reason, until=until)
    uow.publish(UserLocked.model_validate(user), of=user)


async def unlock_user(uow: UnitOfWork, user: User) -> None:
    """Let a locked person sign in again."""
    user.unlock()
    uow.publish(UserUnlocked.model_validate(user), of=user)


async def deactivate_user(uow: UnitOfWork, user: User, reason: str) -> None:
    """Close an account; whoever calls ends the person's sessions. Nothing is deleted."""
    user.deactivate(reason, by=uow.actor.user_id, at=uow.now())
    uow.publish(UserDeactivated.model_validate(user), of=user)


async def reactivate_user(uow: UnitOfWork, user: User) -> None:
    """Open a closed account again."""
    user.reactivate()
    uow.publish(UserReactivated.model_validate(user), of=user)
