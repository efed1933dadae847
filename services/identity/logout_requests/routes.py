"""The end-session endpoint over HTTP, and the confirmation that its page asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from libs.chassis.database import Database
from services.identity.authorization_requests.schemas import origin_of
from services.identity.clients.usecases import form_fields
from services.identity.logout_requests import usecases
from services.identity.logout_requests.schemas import (
    ConfirmationNeeded,
    ConfirmLogoutPage,
    LogoutForm,
    LogoutOutcome,
    LogoutRefused,
    SignedOut,
)
from services.identity.pages.schemas import MessagePage, Page
from services.identity.sessions.model import SignInSession
from services.identity.sessions.schemas import Cookies, is_from_own_page
from services.identity.sessions.usecases import come_back
from services.identity.users.model import ANYONE
from services.identity.web import Visit

router = APIRouter(prefix="/oauth2/logout", include_in_schema=False)


@router.get("")
async def ask_logout(request: Request) -> Response:
    return await _ask(request, request.query_params.multi_items())


@router.post("")
async def ask_logout_by_form(request: Request) -> Response:
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
    except ValueError as fault:
        return _refused(request, str(fault))
    return await _ask(request, fields)


@router.post("/confirm")
async def confirm_logout(request: Request) -> Response:
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
        form = _read(fields)
    except ValueError as fault:
        return _refused(request, str(fault))
    if not is_from_own_page(
        token=form.csrf_token,
        cookie=request.cookies.get(_cookies(request).csrf),
        site=request.headers.get("sec-fetch-site"),
    ):
        return _refused(request, "The form did not come from this site.", 403)
    sign_in = await _visitor(request)
    database: Database = request.app.state.database
    async with database.unit_of_work(sign_in.user.as_person() if sign_in else ANYONE) as uow:
        outcome = await usecases.confirm_logout(uow, form, sign_in)
    return _shown(request, outcome)


async def _ask(request: Request, fields: Iterable[tuple[str, str]]) -> Response:
    try:
        form = _read(fields)
    except ValueError as fault:
        return _refused(request, str(fault))
    sign_in = await _visitor(request)
    database: Database = request.app.state.database
    issuer = request.app.state.settings.issuer
    async with database.unit_of_work(sign_in.user.as_person() if sign_in else ANYONE) as uow:
        outcome = await usecases.ask_logout(uow, form, sign_in, issuer=issuer)
    return _shown(request, outcome)


def _read(fields: Iterable[tuple[str, str]]) -> LogoutForm:
    listed = list(fields)
    if len({name for name, _ in listed}) < len(listed):
        raise ValueError("A parameter came more than once.")
    try:
        return LogoutForm.model_validate(dict(listed))
    except ValidationError:
        raise ValueError("A parameter is too long or cannot be read.") from None


async def _visitor(request: Request) -> SignInSession | None:
    database: Database = request.app.state.database
    async with database.unit_of_work(ANYONE) as uow:
        return await come_back(uow, request.cookies.get(_cookies(request).session))


def _shown(request: Request, outcome: LogoutOutcome) -> Response:
    match outcome:
        case SignedOut():
            return _signed_out(request, outcome)
        case ConfirmationNeeded():
            return _confirmation(request, outcome)
        case LogoutRefused():
            return _refused(request, outcome.text)
        case _:
            assert_never(outcome)


def _signed_out(request: Request, outcome: SignedOut) -> Response:
    cookies = _cookies(request)
    if outcome.address:
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        response: Response = RedirectResponse(outcome.address, 303, headers)
    else:
        visit = Visit(request, {})
        title, text = visit.say("logout.done"), visit.say("logout.done_text")
        response = _message(visit, title, text, 200)
    response.delete_cookie(cookies.session, secure=cookies.is_secure, httponly=True, samesite="lax")
    return response


def _confirmation(request: Request, needed: ConfirmationNeeded) -> Response:
    visit = Visit(request, {})
    address = needed.post_logout_redirect_uri
    told = {
        "client_id": needed.client_id,
        "post_logout_redirect_uri": address,
        "state": needed.state,
    }
    on_the_way = {name: value for name, value in told.items() if value}
    page = ConfirmLogoutPage(
        asked=needed,
        csrf_token=visit.csrf_token,
        form_targets=(origin_of(address),) if address else (),
        language=visit.language,
        path=f"/oauth2/logout?{urlencode({**on_the_way, '': ''}).removesuffix('=')}",
    )
    return visit.with_token(_page(page, 200))


def _cookies(request: Request) -> Cookies:
    return Cookies.of(request.app.state.settings.issuer)


def _message(visit: Visit, title: str, text: str, status: int, detail: str = "") -> Response:
    page = MessagePage(
        title=title,
        text=text,
        detail=detail,
        link="/account/sign-in",
        link_text=visit.say("sign_in.title"),
        language=visit.language,
    )
    return _page(page, status)


def _refused(request: Request, text: str, status: int = 400) -> Response:
    visit = Visit(request, {})
    title, asked = visit.say("request.refused"), visit.say("request.ask")
    return _message(visit, title, asked, status, text)


def _page(page: Page, status: int) -> Response:
    return HTMLResponse(page.html(), status, page.headers())
