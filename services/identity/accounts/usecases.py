"""What a person can do with their own account, each act with its trail and its letter."""

from __future__ import annotations

import asyncio
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.credentials import usecases as credentials
from services.identity.credentials.model import PasswordUsedBefore, check_password
from services.identity.credentials.queries import list_old_passwords
from services.identity.credentials.schemas import Asked
from services.identity.factors.usecases import record_of, tell_of_change
from services.identity.sessions.model import SignInSession
from services.identity.sign_in_attempts.usecases import begin_attempt, forgive, note_failure
from services.identity.sign_ins.model import WrongCredentials
from services.identity.sign_ins.usecases import Transactions
from services.identity.sign_outs.usecases import end_sessions
from services.identity.users.model import Language, User, is_password
from services.identity.users.queries import get_user
from services.identity.users.usecases import is_password_of, set_password


async def choose_password(uow: UnitOfWork, user: User, password: str) -> None:
    """Give a person a password that is long, uncommon and new to them; the old one is history."""
    check_password(password, user=user)
    earlier = await list_old_passwords(uow.session, user.id)
    if user.password_hash is not None:
        earlier = [user.password_hash, *earlier]
    for known in dict.fromkeys(earlier):
        if await asyncio.to_thread(is_password, password, known):
            raise PasswordUsedBefore
    await set_password(uow, user, password)
    assert user.password_hash is not None
    await credentials.keep_password(uow, user.id, user.password_hash)
    await record_of(uow, "password.changed", user.id)


async def change_password(uow: UnitOfWork, session: SignInSession, password: str) -> None:
    """Choose another password; every other browser is signed out."""
    user = await get_user(uow.session, session.user_id, lock=True)
    await choose_password(uow, user, password)
    await end_sessions(uow, user_id=user.id, keep=session.id)
    await tell_of_change(uow, user)


async def speak(uow: UnitOfWork, user_id: UUID, language: str) -> None:
    """Let pages and letters speak another language to a person."""
    user = await get_user(uow.session, user_id)
    user.language = Language(language).value


async def confirm_password(
    transactions: Transactions, session: SignInSession, password: str, network: str
) -> None:
    """Let a person show again that they know their password; guesses are slowed as at sign-in."""
    account = f"confirmation {session.user_id}"
    async with transactions(session.user.as_person()) as uow:
        await begin_attempt(uow, account, str(session.id), network=network)
    if not await is_password_of(session.user, password):
        async with transactions(session.user.as_person()) as uow:
            await note_failure(uow, network)
            await record_of(uow, "sign_in.failed", session.user_id)
        raise WrongCredentials
    async with transactions(session.user.as_person()) as uow:
        await forgive(uow, account, str(session.id))


async def confirm_passkey(uow: UnitOfWork, user_id: UUID, answer: str, asked: Asked) -> None:
    """Let a person show again that they hold their passkey."""
    await credentials.show_passkey(uow, answer, asked=asked, user_id=user_id)
