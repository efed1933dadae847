"""The pages of a sign-in, one for each step."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from services.identity.authorizations.queries import find_last_organization
from services.identity.credentials.model import PasskeyNotAccepted, WrongCode
from services.identity.credentials.queries import (
    count_recovery_codes,
    find_totp,
    list_passkeys,
)
from services.identity.credentials.schemas import asked_of
from services.identity.memberships.queries import list_open_organizations
from services.identity.pages.schemas import (
    Choice,
    MethodPage,
    OrganizationPage,
    Problem,
    SecondFactorPage,
    SignInPage,
)
from services.identity.sessions.model import (
    NoOrganization,
    NotThisOrganization,
    SignInSession,
    Step,
    new_secret,
)
from services.identity.sessions.schemas import (
    asks_for_choice,
    next_address,
    step_address,
    with_organization,
)
from services.identity.sign_in_attempts.model import TooManyAttempts
from services.identity.sign_ins import usecases
from services.identity.sign_ins.model import (
    MOST_UNSEARCHED,
    Browser,
    Progress,
    WrongCredentials,
    is_meant,
)
from services.identity.sign_outs.usecases import sign_out as end_session
from services.identity.web import PageRoute, SignInFirst, Visit, Visiting

router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)


@router.get("/sign-in")
async def show_sign_in(visit: Visiting) -> Response:
    session = await visit.halfway()
    if session is not None and session.awaits is not None:
        return visit.go(step_address(session.awaits, visit.continue_to))
    return await _form(visit)


@router.post("/sign-in")
async def sign_in(visit: Visiting) -> Response:
    browser = _browser(visit)
    try:
        progress = await usecases.enter_password(
            visit.transaction,
            visit.field("email", 254),
            visit.field("password", 1024),
            browser=browser,
            only=visit.settings.only_organization,
        )
    except (WrongCredentials, TooManyAttempts) as refusal:
        answer = await _form(visit, *visit.problem(refusal, "email"), status=refusal.status)
        answer.headers.update(getattr(refusal, "headers", {}))
        return answer
    except (NoOrganization, NotThisOrganization) as refusal:
        return await visit.tell(refusal.code(), status=refusal.status)
    return await _go_on(visit, progress, browser)


@router.post("/sign-in/passkey")
async def sign_in_with_passkey(visit: Visiting) -> Response:
    browser = _browser(visit)
    try:
        progress = await usecases.enter_passkey(
            visit.transaction,
            visit.field("answer", 8000),
            asked=visit.answered(),
            browser=browser,
            only=visit.settings.only_organization,
        )
    except (PasskeyNotAccepted, TooManyAttempts) as refusal:
        visit.renew_token()
        return await _form(visit, *visit.problem(refusal), status=refusal.status)
    except (NoOrganization, NotThisOrganization) as refusal:
        return await visit.tell(refusal.code(), status=refusal.status)
    return await _go_on(visit, progress, browser)


@router.get("/second-factor")
async def show_second_factor(visit: Visiting) -> Response:
    session = await _at(visit, Step.second_factor)
    page = await _second_factor(visit, session)
    if not (page.has_totp or page.has_passkey):
        return visit.go(step_address(Step.enrolment, visit.continue_to))
    return await visit.show(page)


@router.post("/second-factor")
async def enter_second_factor(visit: Visiting) -> Response:
    session, browser = await _at(visit, Step.second_factor), _browser(visit)
    try:
        progress = await usecases.enter_code(
            visit.transaction, session, visit.field("code", 40), browser
        )
    except (WrongCode, TooManyAttempts) as refusal:
        page = await _second_factor(visit, session, *visit.problem(refusal, "code"))
        answer = await visit.show(page, refusal.status)
        answer.headers.update(getattr(refusal, "headers", {}))
        return answer
    return await _go_on(visit, progress, browser)


@router.post("/second-factor/passkey")
async def show_second_passkey(visit: Visiting) -> Response:
    session, browser = await _at(visit, Step.second_factor), _browser(visit)
    try:
        progress = await usecases.enter_second_passkey(
            visit.transaction, session, visit.field("answer", 8000), visit.answered(), browser
        )
    except PasskeyNotAccepted as refusal:
        visit.renew_token()
        page = await _second_factor(visit, session, *visit.problem(refusal))
        return await visit.show(page, refusal.status)
    return await _go_on(visit, progress, browser)


@router.get("/enrolment")
async def show_enrolment(visit: Visiting) -> Response:
    session = await _at(visit, Step.enrolment)
    notice = visit.say("enrolment.reset") if session.user.must_enrol_factor else ""
    return await visit.show(MethodPage(continue_to=visit.continue_to, notice=notice))


@router.get("/organization")
async def choose_organization(visit: Visiting) -> Response:
    session = await visit.person()
    if not asks_for_choice(visit.continue_to):
        return visit.go(next_address(visit.continue_to))
    async with visit.transaction(session.user.as_person()) as uow:
        found = await list_open_organizations(uow.session, session.user_id)
        last = await find_last_organization(uow.session, session.user_id)
    # The one of last time comes first; nothing is chosen for anybody by that.
    found.sort(key=lambda row: row.id != last)
    words = visit.request.query_params.get("search", "")[:100].replace("\x00", "").strip()
    choices = tuple(
        Choice(
            code=row.code,
            name=row.name,
            address=with_organization(visit.continue_to, row.code),
        )
        for row in found
        if is_meant(row, words)
    )
    page = OrganizationPage(
        choices=choices,
        has_search=len(found) > MOST_UNSEARCHED,
        search=words,
        found=visit.say("organization.found", found=len(choices), of=len(found)) if words else "",
        continue_to=visit.continue_to,
    )
    return await visit.show(page)


@router.post("/sign-out")
async def sign_out(visit: Visiting) -> Response:
    session = await visit.halfway()
    if session is not None:
        async with visit.transaction(session.user.as_person()) as uow:
            await end_session(uow, visit.secret)
    visit.keep(visit.cookies.session, "", seconds=0)
    visit.renew_token()
    return visit.go("/account/sign-in")


def _browser(visit: Visit) -> Browser:
    return Browser(visit.network, visit.device_label, visit.device_secret or new_secret())


async def _form(visit: Visit, *problems: Problem, status: int = 200) -> Response:
    asked, issued = visit.ask()
    continue_to = visit.continue_to
    page = SignInPage(
        continue_to=continue_to if next_address(continue_to) == continue_to else "",
        email=visit.field("email", 254) or visit.request.query_params.get("login_hint", "")[:254],
        problems=problems,
        options=asked_of(asked, ()),
        issued=issued,
    )
    return await visit.show(page, status)


async def _second_factor(
    visit: Visit, session: SignInSession, *problems: Problem
) -> SecondFactorPage:
    asked, issued = visit.ask()
    async with visit.transaction(session.user.as_person()) as uow:
        totp = await find_totp(uow.session, session.user_id)
        passkeys = await list_passkeys(uow.session, session.user_id)
        spare = await count_recovery_codes(uow.session, session.user_id)
    return SecondFactorPage(
        continue_to=visit.continue_to,
        problems=problems,
        has_totp=totp is not None and totp.confirmed_at is not None,
        has_passkey=bool(passkeys),
        has_recovery=spare > 0,
        options=asked_of(asked, passkeys),
        issued=issued,
    )


async def _at(visit: Visit, step: Step) -> SignInSession:
    """Return the session when it awaits this step, or is open and comes for more."""
    session = await visit.halfway()
    if session is None:
        raise SignInFirst(step_address(None, visit.continue_to))
    if session.awaits not in (None, step.value):
        raise SignInFirst(step_address(session.awaits, visit.continue_to))
    if session.awaits is None and session.has_second_factor:
        raise SignInFirst(next_address(visit.continue_to))
    return session


async def _go_on(visit: Visit, progress: Progress, browser: Browser) -> Response:
    """Send the browser to the next step, or where it was on its way to."""
    async with visit.transaction() as uow:
        await usecases.end_old(uow, visit.secret, progress.secret)
    visit.keep_session(progress.secret)
    visit.keep(visit.cookies.device, browser.device_secret, seconds=365 * 24 * 3600)
    if visit.cookies.language not in visit.request.cookies:
        visit.keep_language(progress.language)
    continue_to = visit.continue_to
    if progress.awaits is not None:
        return visit.go(step_address(progress.awaits, continue_to))
    if progress.has_choice and visit.settings.allows_choice and asks_for_choice(continue_to):
        return visit.go(f"/account/organization?{urlencode({'continue': continue_to})}")
    return visit.go(next_address(continue_to))
