"""The authorization endpoint over HTTP, and the decision that its page asks for."""

from __future__ import annotations

from typing import assert_never
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from libs.chassis.database import Database
from services.identity.authorization_requests import usecases
from services.identity.authorization_requests.schemas import (
    ConsentNeeded,
    ConsentPage,
    Decision,
    FormPostPage,
    Outcome,
    Refused,
    Sent,
    SignInNeeded,
    origin_of,
)
from services.identity.authorizations.usecases import Choice
from services.identity.clients.usecases import Asked, form_fields
from services.identity.languages.model import find_language, sentence_of
from services.identity.pages.schemas import MessagePage, Page
from services.identity.sessions.model import NoOrganization, NotThisOrganization
from services.identity.sessions.schemas import (
    Cookies,
    is_from_own_page,
    second_factor_address,
    sign_in_address,
)
from services.identity.sessions.usecases import come_back
from services.identity.settings import Settings
from services.identity.users.model import ANYONE
from services.identity.users.usecases import become
from services.identity.web import Visit

router = APIRouter(prefix="/oauth2", include_in_schema=False)


@router.get("/authorize")
async def authorize(request: Request) -> Response:
    return await _answer(request, request.query_params.multi_items())


@router.post("/authorize")
async def authorize_by_form(request: Request) -> Response:
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
    except ValueError:
        return _unreadable(request, "Send the fields as application/x-www-form-urlencoded.")
    return await _answer(request, fields)


@router.post("/consent")
async def decide(request: Request) -> Response:
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
        form = Decision.model_validate(dict(fields))
    except (ValueError, ValidationError):
        return _refused(request, usecases.OVER, 400)
    if not is_from_own_page(
        token=form.csrf_token,
        cookie=request.cookies.get(_cookies(request).csrf),
        site=request.headers.get("sec-fetch-site"),
    ):
        return _refused(request, usecases.OVER, 403)
    return await _answer(request, [("resume", form.resume)], decision=form.decision)


async def _answer(
    request: Request, parameters: list[tuple[str, str]], *, decision: str | None = None
) -> Response:
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    asked = Asked("GET", f"{settings.issuer}/oauth2/authorize", parameters, request.headers)
    if asked.fault:
        return _unreadable(request, asked.fault)
    choice = Choice(settings.only_organization, settings.allows_choice)
    try:
        async with database.unit_of_work(ANYONE) as uow:
            sign_in = await come_back(uow, request.cookies.get(_cookies(request).session))
            if sign_in is not None:
                await become(uow, sign_in.user.as_person())
            terms = usecases.Terms(sign_in, choice, settings.issuer, decision)
            outcome = await usecases.authorize(uow, asked, terms)
    except (NoOrganization, NotThisOrganization) as refusal:
        visit = Visit(request, {})
        text = refusal.detail or visit.say("message.ask")
        return _message(visit, sentence_of(visit.language, refusal), text, refusal.status)
    return _shown(request, outcome)


def _shown(request: Request, outcome: Outcome) -> Response:
    match outcome:
        case Sent():
            return _sent(request, outcome)
        case SignInNeeded():
            return RedirectResponse(_way_in(outcome), 303, {"Cache-Control": "no-store"})
        case ConsentNeeded():
            return _consent_page(request, outcome)
        case Refused():
            return _refused(request, outcome.text, 400)
        case _:
            assert_never(outcome)


def _way_in(needed: SignInNeeded) -> str:
    """Return where one signs in, with what the client knows of the person's name and language."""
    lead = second_factor_address if needed.needs_factor else sign_in_address
    known = {"login_hint": needed.login_hint, "language": find_language(needed.ui_locales)}
    told = urlencode({name: value for name, value in known.items() if value})
    return f"{lead(needed.continue_to)}{'&' if told else ''}{told}"


def _sent(request: Request, outcome: Sent) -> Response:
    if outcome.mode == "form_post":
        page = FormPostPage(
            address=outcome.redirect_uri,
            fields=outcome.parameters,
            language=Visit(request, {}).language,
        )
        return _page(page, 200)
    # After a POST only 303 makes every browser go on with GET (RFC 9700, 4.12).
    status = 302 if request.method == "GET" else 303
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(outcome.address, status, headers)


def _consent_page(request: Request, needed: ConsentNeeded) -> Response:
    visit = Visit(request, {})
    origin = origin_of(needed.redirect_uri)
    on_the_way = {"client_id": needed.client_id, "resume": needed.resume, "": ""}
    page = ConsentPage(
        client_name=needed.client_name,
        client_host=origin.partition("://")[2],
        full_name=needed.full_name,
        scopes=needed.scopes,
        resume=needed.resume,
        csrf_token=visit.csrf_token,
        form_targets=(origin,),
        language=visit.language,
        path=f"/oauth2/authorize?{urlencode(on_the_way).removesuffix('=')}",
    )
    return visit.with_token(_page(page, 200))


def _cookies(request: Request) -> Cookies:
    return Cookies.of(request.app.state.settings.issuer)


def _message(visit: Visit, title: str, text: str, status: int, detail: str = "") -> Response:
    page = MessagePage(
        title=title,
        text=text,
        detail=detail,
        link="/account",
        link_text=visit.say("message.account"),
        language=visit.language,
    )
    return _page(page, status)


def _refused(request: Request, text: str, status: int) -> Response:
    visit = Visit(request, {})
    title = visit.say("request.refused")
    if text == usecases.OVER:
        return _message(visit, title, visit.say("request.over"), status)
    return _message(visit, title, visit.say("request.ask"), status, text)


def _unreadable(request: Request, text: str) -> Response:
    visit = Visit(request, {})
    title = visit.say("request.unreadable")
    return _message(visit, title, visit.say("request.ask"), 400, text)


def _page(page: Page, status: int) -> Response:
    return HTMLResponse(page.html(), status, page.headers())
