"""What can be done about a forgotten password: ask for a link, and use it once."""

from __future__ import annotations

from urllib.parse import urlencode

from libs.outbox.uow import UnitOfWork
from services.identity.accounts.usecases import choose_password
from services.identity.audit_events.usecases import record
from services.identity.factors.usecases import tell_of_change
from services.identity.languages.model import in_manila
from services.identity.mails.usecases import send
from services.identity.password_resets import queries
from services.identity.password_resets.model import (
    LINK_LASTS,
    MOST_OPEN_LINKS,
    LinkNotOpen,
    PasswordReset,
)
from services.identity.sessions.model import digest, new_secret
from services.identity.sign_ins.queries import find_user_by_login
from services.identity.sign_outs.usecases import end_sessions
from services.identity.users.model import User
from services.identity.users.queries import get_user

PAGE = "/account/reset-password"


async def ask_for_link(
    uow: UnitOfWork, login: str, *, issuer: str, template: str = "password_reset", **more: str
) -> None:
    """Send a link to whoever signs in so, if anyone does; the asker never learns.

    A letter that brings the link for another reason has its own `template`, and `more` to say.
    """
    user = await find_user_by_login(uow.session, login)
    if user is None or not user.may_sign_in:
        return
    if await queries.count_open(uow.session, user.id, uow.now()) >= MOST_OPEN_LINKS:
        return
    secret = new_secret()
    reset = PasswordReset(
        user_id=user.id,
        secret_digest=digest(secret),
        asked_at=uow.now(),
        expires_at=uow.now() + LINK_LASTS,
    )
    uow.session.add(reset)
    await send(
        uow,
        template,
        to=user.email,
        language=user.language,
        full_name=user.full_name,
        link=f"{issuer}{PAGE}?{urlencode({'secret': secret})}",
        valid_until=in_manila(reset.expires_at),
        **more,
    )
    await _record(uow, "password.reset_requested", user)


async def find_owner(uow: UnitOfWork, secret: str) -> User:
    """Return whose open link this is; looking does not use it up."""
    reset = await queries.find_open_reset(uow.session, digest(secret), uow.now())
    if reset is None:
        raise LinkNotOpen
    return await get_user(uow.session, reset.user_id)


async def reset_password(uow: UnitOfWork, secret: str, password: str) -> User:
    """Set a new password by a link, which opens nothing any more; every session ends."""
    user_id = await queries.use_reset(uow.session, digest(secret), uow.now())
    if user_id is None:
        raise LinkNotOpen
    user = await get_user(uow.session, user_id, lock=True)
    if not user.may_sign_in:
        raise LinkNotOpen
    await choose_password(uow, user, password)
    await queries.use_others(uow.session, user_id, uow.now())
    await end_sessions(uow, user_id=user_id)
    await tell_of_change(uow, user)
    await _record(uow, "password.reset", user)
    return user


async def _record(uow: UnitOfWork, action: str, user: User) -> None:
    await record(uow, action, entity="user", entity_id=user.id, person_id=user.id)
