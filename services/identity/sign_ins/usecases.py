"""What can be done to sign in: show a password, a passkey, a second factor; come through a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.audit_events.usecases import record
from services.identity.credentials.model import PasskeyNotAccepted, WrongCode
from services.identity.credentials.queries import has_factor
from services.identity.credentials.schemas import Asked
from services.identity.credentials.usecases import show_code, show_passkey
from services.identity.devices.usecases import find_known, remember_device
from services.identity.languages.model import in_manila
from services.identity.mails.usecases import send
from services.identity.memberships.queries import list_administrators, list_open_organizations
from services.identity.organizations.model import Organization
from services.identity.organizations.usecases import acting_within
from services.identity.rights.usecases import evaluate
from services.identity.sessions.model import (
    MOST_AT_ONCE,
    NoOrganization,
    NotThisOrganization,
    SignInSession,
    Step,
)
from services.identity.sessions.queries import find_session, list_open_sessions
from services.identity.sessions.usecases import open_session
from services.identity.sign_in_attempts.usecases import (
    begin_attempt,
    check_network,
    forgive,
    is_alarming,
    note_failure,
)
from services.identity.sign_ins.model import (
    Browser,
    NotThisStep,
    Progress,
    WrongCredentials,
    factor_account,
    first_step,
)
from services.identity.sign_ins.queries import find_user_by_login
from services.identity.sign_outs.usecases import end_sessions
from services.identity.users.model import ANYONE, User
from services.identity.users.queries import get_user
from services.identity.users.usecases import become, is_password_of, strengthen_hash

Transactions = Callable[[Actor], AbstractAsyncContextManager[UnitOfWork]]


async def enter_password(
    transactions: Transactions, login: str, password: str, *, browser: Browser, only: str | None
) -> Progress:
    """Prove who someone is by a password; `only` names the one organization of an installation.

    Three transactions, so that an attempt counts whatever becomes of it, and no connection waits
    while a password is hashed.
    """
    async with transactions(ANYONE) as uow:
        user = await find_user_by_login(uow.session, login)
        account = str(user.id) if user else login
        known = await find_known(uow, user.id, browser.device_secret) if user else None
        bucket = known.bucket if known else browser.network
        await begin_attempt(uow, account, bucket, network=None if known else browser.network)
    if not await is_password_of(user, password):
        async with transactions(ANYONE) as uow:
            await _note_failure(uow, user, browser, "password", login=login)
        raise WrongCredentials
    assert user is not None
    async with transactions(user.as_person()) as uow:
        await forgive(uow, account, bucket)
        user = await get_user(uow.session, user.id)
        await strengthen_hash(user, password)
        return await begin(uow, user, ["pwd"], browser, only=only)


async def enter_passkey(
    transactions: Transactions, answer: str, *, asked: Asked, browser: Browser, only: str | None
) -> Progress:
    """Prove who someone is by a passkey alone: it is something held, opened by its owner."""
    async with transactions(ANYONE) as uow:
        await check_network(uow, browser.network)
    try:
        async with transactions(ANYONE) as uow:
            passkey = await show_passkey(uow, answer, asked=asked)
            user = await _owner(uow, passkey.user_id)
    except PasskeyNotAccepted:
        async with transactions(ANYONE) as uow:
            await _note_failure(uow, None, browser, "passkey")
        raise
    async with transactions(user.as_person()) as uow:
        user = await get_user(uow.session, user.id)
        return await begin(uow, user, ["hwk", "user", "mfa"], browser, only=only)


async def enter_code(
    transactions: Transactions, session: SignInSession, code: str, browser: Browser
) -> Progress:
    """Show the second factor of a session: the app's six digits, or a spare code."""
    person = session.user.as_person()
    account = factor_account(session.user_id)
    async with transactions(person) as uow:
        known = await find_known(uow, session.user_id, browser.device_secret)
        bucket = known.bucket if known else "*"
        await begin_attempt(uow, account, bucket, network=None)
    try:
        async with transactions(person) as uow:
            how = await show_code(uow, session.user_id, code)
            await forgive(uow, account, bucket)
            return await come_further(uow, session.id, [how, "mfa"], browser)
    except WrongCode:
        async with transactions(person) as uow:
            await _note_failure(uow, session.user, browser, "code")
        raise


async def enter_second_passkey(
    transactions: Transactions, session: SignInSession, answer: str, asked: Asked, browser: Browser
) -> Progress:
    """Show a passkey as the second factor of a session."""
    async with transactions(session.user.as_person()) as uow:
        await show_passkey(uow, answer, asked=asked, user_id=session.user_id)
        return await come_further(uow, session.id, ["hwk", "user", "mfa"], browser)


async def begin(
    uow: UnitOfWork, user: User, means: Iterable[str], browser: Browser, *, only: str | None
) -> Progress:
    """Open a session on what was shown, and say what is still awaited.

    Who could act for nobody is refused, and learns it only after proving who they are.
    """
    open_to = await list_open_organizations(uow.session, user.id)
    if only is not None and only not in [row.code for row in open_to]:
        raise NotThisOrganization
    if not open_to:
        raise NoOrganization
    session, secret = await open_session(
        uow, user, means, network=browser.network, device=browser.label
    )
    step = await _advance(uow, session, user, browser, open_to)
    return Progress(secret, step, user.language, has_choice=len(open_to) > 1)


async def come_further(
    uow: UnitOfWork, session_id: UUID, means: Iterable[str], browser: Browser
) -> Progress:
    """Add what was shown to a session; its cookie's secret is another from here on."""
    session = await uow.session.get(SignInSession, session_id, with_for_update=True)
    if session is None or session.ended_at is not None:
        raise NotThisStep
    user = await get_user(uow.session, session.user_id)
    was_open, secret = session.awaits is None, session.prove(uow.now(), means)
    if was_open:
        await _record(uow, "session.strengthened", session)
        return Progress(secret, None, user.language)
    open_to = await list_open_organizations(uow.session, user.id)
    step = await _advance(uow, session, user, browser, open_to)
    return Progress(secret, step, user.language, has_choice=len(open_to) > 1)


async def needs_factor(uow: UnitOfWork, user_id: UUID, open_to: Iterable[Organization]) -> bool:
    """Tell whether any of these gives a person rights that ask for a second factor."""
    for organization in open_to:
        rights = await evaluate(uow, user_id, organization.id)
        if rights is not None and rights.requires_mfa:
            return True
    return False


async def end_old(uow: UnitOfWork, secret: str | None, keep: str) -> None:
    """End the session that this browser had before: one browser, one session."""
    old = await find_session(uow.session, secret) if secret and secret != keep else None
    if old is not None and old.ended_at is None:
        await end_sessions(uow, session_id=old.id)


async def _advance(
    uow: UnitOfWork,
    session: SignInSession,
    user: User,
    browser: Browser,
    open_to: Iterable[Organization],
) -> Step | None:
    has_one = await has_factor(uow.session, user.id)
    needs_one = user.must_enrol_factor or (
        not has_one and await needs_factor(uow, user.id, open_to)
    )
    step = first_step(session, user, has_factor=has_one, needs_factor=needs_one)
    session.awaits = step.value if step else None
    if step is None:
        await _arrive(uow, session, user, browser)
    return step


async def _owner(uow: UnitOfWork, user_id: UUID) -> User:
    user = await get_user(uow.session, user_id)
    if not user.may_sign_in:
        raise PasskeyNotAccepted
    return user


async def _arrive(uow: UnitOfWork, session: SignInSession, user: User, browser: Browser) -> None:
    user.last_sign_in_at = uow.now()
    await uow.session.flush()
    for old in (await list_open_sessions(uow.session, user.id, uow.now()))[MOST_AT_ONCE:]:
        await end_sessions(uow, session_id=old.id)
    is_new = await remember_device(
        uow, user.id, browser.device_secret, label=browser.label, network=browser.network
    )
    if is_new:
        await send(
            uow,
            "new_device",
            to=user.email,
            language=user.language,
            full_name=user.full_name,
            device=browser.label or "?",
            at=in_manila(uow.now()),
        )
    await _record(uow, "session.opened", session)


async def _record(uow: UnitOfWork, action: str, session: SignInSession) -> None:
    await record(
        uow,
        action,
        entity="session",
        entity_id=session.id,
        person_id=session.user_id,
        after={"amr": session.amr, "acr": session.acr, "device": session.device},
    )


async def _note_failure(
    uow: UnitOfWork, user: User | None, browser: Browser, what: str, *, login: str = ""
) -> None:
    await note_failure(uow, browser.network)
    await record(
        uow,
        "sign_in.failed",
        entity="user",
        entity_id=user.id if user else None,
        person_id=user.id if user else None,
        after={"with": what, "network": browser.network, "device": browser.label},
    )
    account = str(user.id) if user else login
    if account and await is_alarming(uow, account) and user is not None and user.may_sign_in:
        await _warn(uow, user)


async def _warn(uow: UnitOfWork, user: User) -> None:
    """Write to a person whose account is being tried, and to those who look after them."""
    told = {"full_name": user.full_name, "at": in_manila(uow.now())}
    await send(uow, "sign_in_alarm", to=user.email, language=user.language, **told)
    await become(uow, user.as_person())
    for organization in await list_open_organizations(uow.session, user.id):
        async with acting_within(uow, organization):
            await record(
                uow, "sign_in.alarmed", entity="user", entity_id=user.id, person_id=user.id
            )
            for admin in await list_administrators(uow.session, organization.id):
                if admin.id != user.id:
                    more = told | {"admin_name": admin.full_name, "email": user.email}
                    await send(uow, "member_alarm", to=admin.email, language=admin.language, **more)
