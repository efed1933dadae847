"""The pages of a person's own account."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from libs.outbox.uow import utc_now
from libs.refusals import Invalid
from services.identity.accounts import usecases
from services.identity.credentials.model import PasskeyNotAccepted
from services.identity.credentials.queries import list_passkeys
from services.identity.credentials.schemas import asked_of
from services.identity.languages.model import LANGUAGES, in_manila
from services.identity.memberships.queries import list_open_organizations
from services.identity.pages.schemas import (
    AccountPage,
    ConfirmPage,
    Held,
    ListPage,
    NewPasswordPage,
    Problem,
)
from services.identity.sessions.model import SignInSession, Step, new_secret
from services.identity.sessions.queries import list_open_sessions
from services.identity.sessions.schemas import next_address, step_address
from services.identity.sign_in_attempts.model import TooManyAttempts
from services.identity.sign_ins.model import Browser, WrongCredentials
from services.identity.sign_ins.usecases import come_further
from services.identity.sign_outs.usecases import end_sessions
from services.identity.web import FormUnreadable, PageRoute, Visit, Visiting

router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)
elsewhere_router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)
"""Comes last: what no page has taken."""


@router.get("")
async def show_account(visit: Visiting) -> Response:
    session = await visit.person()
    user = session.user
    async with visit.transaction(user.as_person()) as uow:
        found = await list_open_organizations(uow.session, user.id)
    page = AccountPage(
        email=user.email,
        speaks=user.language,
        organizations=tuple(f"{row.name} ({row.code})" for row in found),
    )
    return await visit.show(page)


@router.post("/language")
async def change_language(visit: Visiting) -> Response:
    session = await visit.person()
    language = visit.field("language", 3)
    if language not in LANGUAGES:
        raise FormUnreadable
    async with visit.transaction(session.user.as_person()) as uow:
        await usecases.speak(uow, session.user_id, language)
    visit.keep_language(language)
    return visit.go("/account")


@router.get("/password")
async def show_password(visit: Visiting) -> Response:
    session = await visit.person(fresh=True)
    return await _password_form(visit, session, "/account/password")


@router.post("/password")
async def change_password(visit: Visiting) -> Response:
    session = await visit.person(fresh=True)
    if session.user.password_hash is not None:
        # However fresh the proof: who sits down at an open browser does not know it (ASVS 6.2.3).
        present = visit.field("old_password", 1024)
        try:
            await usecases.confirm_password(visit.transaction, session, present, visit.network)
        except (WrongCredentials, TooManyAttempts) as refusal:
            problems = visit.problem(refusal, "old_password")
            return await _password_form(
                visit, session, "/account/password", *problems, status=refusal.status
            )
    return await _choose(visit, session, "/account/password")


@router.get("/new-password")
async def show_new_password(visit: Visiting) -> Response:
    session = await visit.person(at=Step.new_password)
    return await _password_form(visit, session, "/account/new-password")


@router.post("/new-password")
async def choose_new_password(visit: Visiting) -> Response:
    session = await visit.person(fresh=True, at=Step.new_password)
    return await _choose(visit, session, "/account/new-password")


@router.get("/sessions")
async def list_sessions(visit: Visiting) -> Response:
    session = await visit.person()
    async with visit.transaction(session.user.as_person()) as uow:
        found = await list_open_sessions(uow.session, session.user_id, utc_now())
    rows = tuple(
        Held(
            id=str(row.id),
            name=row.device or visit.say("sessions.unknown"),
            lines=(
                visit.say("sessions.since", at=in_manila(row.signed_in_at)),
                visit.say("sessions.seen", at=in_manila(row.last_seen_at), network=row.network),
            ),
            is_current=row.id == session.id,
        )
        for row in found
    )
    return await visit.show(ListPage(kind="sessions", rows=rows))


@router.post("/sessions/{session_id}/end")
async def end_session(visit: Visiting, session_id: UUID) -> Response:
    session = await visit.person()
    async with visit.transaction(session.user.as_person()) as uow:
        await end_sessions(uow, session_id=session_id, user_id=session.user_id)
    return visit.go("/account/sessions")


@router.post("/sessions/end-others")
async def end_other_sessions(visit: Visiting) -> Response:
    session = await visit.person()
    async with visit.transaction(session.user.as_person()) as uow:
        await end_sessions(uow, user_id=session.user_id, keep=session.id)
    return visit.go("/account/sessions")


@router.get("/confirm")
async def show_confirm(visit: Visiting) -> Response:
    session = await visit.person()
    return await _confirm_form(visit, session)


@router.post("/confirm")
async def confirm(visit: Visiting) -> Response:
    session = await visit.person()
    try:
        await usecases.confirm_password(
            visit.transaction, session, visit.field("password", 1024), visit.network
        )
    except (WrongCredentials, TooManyAttempts) as refusal:
        return await _confirm_form(
            visit, session, *visit.problem(refusal, "password"), status=refusal.status
        )
    return await _confirmed(visit, session, ["pwd"])


@router.post("/confirm/passkey")
async def confirm_with_passkey(visit: Visiting) -> Response:
    session = await visit.person()
    asked = visit.answered()
    try:
        async with visit.transaction(session.user.as_person()) as uow:
            await usecases.confirm_passkey(uow, session.user_id, visit.field("answer", 8000), asked)
    except PasskeyNotAccepted as refusal:
        visit.renew_token()
        return await _confirm_form(visit, session, *visit.problem(refusal), status=refusal.status)
    return await _confirmed(visit, session, ["hwk", "user", "mfa"])


async def _confirmed(visit: Visit, session: SignInSession, means: list[str]) -> Response:
    async with visit.transaction(session.user.as_person()) as uow:
        progress = await come_further(uow, session.id, means, _browser(visit))
    visit.keep_session(progress.secret)
    return visit.go(next_address(visit.continue_to))


async def _confirm_form(
    visit: Visit, session: SignInSession, *problems: Problem, status: int = 200
) -> Response:
    asked, issued = visit.ask()
    async with visit.transaction(session.user.as_person()) as uow:
        passkeys = await list_passkeys(uow.session, session.user_id)
    page = ConfirmPage(
        email=session.user.email,
        has_password=session.user.password_hash is not None,
        options=asked_of(asked, passkeys) if passkeys else "",
        issued=issued,
        problems=problems,
        continue_to=visit.continue_to,
    )
    return await visit.show(page, status)


async def _password_form(
    visit: Visit, session: SignInSession, action: str, *problems: Problem, status: int = 200
) -> Response:
    is_step = session.awaits is not None
    page = NewPasswordPage(
        action=action,
        title=visit.say("password.must.title" if is_step else "password.change.title"),
        lead=visit.say("password.must.lead" if is_step else "password.change.lead"),
        email=session.user.email,
        asks_old=not is_step and session.user.password_hash is not None,
        problems=problems,
        continue_to=visit.continue_to,
    )
    return await visit.show(page, status)


@elsewhere_router.get("/{address:path}")  # noqa: FAST003 (whatever it is)
async def show_nothing(visit: Visiting) -> Response:
    return await visit.tell("nowhere", status=404, link="/account")


async def _choose(visit: Visit, session: SignInSession, action: str) -> Response:
    try:
        async with visit.transaction(session.user.as_person()) as uow:
            await usecases.change_password(uow, session, visit.field("new_password", 2000))
            progress = await come_further(uow, session.id, [], _browser(visit))
    except Invalid as refusal:
        problems = visit.problem(refusal, "new_password")
        return await _password_form(visit, session, action, *problems, status=422)
    visit.keep_session(progress.secret)
    if progress.awaits is not None:
        return visit.go(step_address(progress.awaits, visit.continue_to))
    return visit.go(next_address(visit.continue_to))


def _browser(visit: Visit) -> Browser:
    return Browser(visit.network, visit.device_label, visit.device_secret or new_secret())
