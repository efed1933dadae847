"""The pages under /account: sign in, who is signed in, sign out."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from libs.chassis.database import Database
from libs.refusals import Refusal
from services.identity.clients.queries import find_client
from services.identity.clients.usecases import form_fields
from services.identity.pages.schemas import AccountPage, MessagePage, Page, SignInPage
from services.identity.sessions import usecases
from services.identity.sessions.model import (
    NoOrganization,
    NotThisOrganization,
    WrongCredentials,
    new_secret,
)
from services.identity.sessions.schemas import (
    Cookies,
    SignInForm,
    is_from_own_page,
    next_address,
)
from services.identity.sign_in_attempts.model import TooManyAttempts, network_of
from services.identity.users.model import ANYONE

router = APIRouter(prefix="/account", include_in_schema=False)

UNREADABLE = MessagePage(
    title="The form could not be read",
    text="Open the sign-in page again and fill in the form there.",
    link="/account/sign-in",
    link_text="Sign in",
)
NOT_OURS = MessagePage(
    title="The form did not come from this site",
    text="It may have been open for long, or cookies are off. Allow cookies and sign in again.",
    link="/account/sign-in",
    link_text="Sign in",
)


@router.get("/sign-in")
async def show_sign_in(request: Request) -> Response:
    continue_to = request.query_params.get("continue", "")
    return await _form(request, SignInForm.model_construct(continue_to=continue_to), "", 200)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    form = await _posted(request)
    if isinstance(form, Response):
        return form
    database: Database = request.app.state.database
    cookies = _cookies(request)
    try:
        secret = await usecases.sign_in(
            database.unit_of_work,
            email=form.email,
            password=form.password,
            network=network_of(request.client.host if request.client else ""),
            only=request.app.state.settings.only_organization,
        )
    except (WrongCredentials, TooManyAttempts) as refusal:
        answer = await _form(request, form, _sentence(refusal), refusal.status)
        answer.headers.update(getattr(refusal, "headers", {}))
        return answer
    except (NoOrganization, NotThisOrganization) as refusal:
        return _page(MessagePage(title=refusal.title, text=_ASK), refusal.status)
    await _end_old(request)
    response = RedirectResponse(next_address(form.continue_to), 303)
    response.set_cookie(
        cookies.session, secret, httponly=True, samesite="lax", secure=cookies.is_secure
    )
    response.delete_cookie(cookies.csrf, secure=cookies.is_secure, httponly=True, samesite="lax")
    return response


@router.get("")
async def show_account(request: Request) -> Response:
    database: Database = request.app.state.database
    async with database.unit_of_work(ANYONE) as uow:
        found = await usecases.come_back(uow, request.cookies.get(_cookies(request).session))
    if found is None:
        return RedirectResponse("/account/sign-in", 303)
    token = _csrf(request)
    page = AccountPage(full_name=found.user.full_name, email=found.user.email, csrf_token=token)
    return _with_csrf(request, _page(page, 200), token)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    form = await _posted(request)
    if isinstance(form, Response):
        return form
    await _end_old(request)
    response = RedirectResponse("/account/sign-in", 303)
    cookies = _cookies(request)
    response.delete_cookie(cookies.session, secure=cookies.is_secure, httponly=True, samesite="lax")
    return response


_ASK = "Ask the administrator of your organization, or sign in with another account."


def _sentence(refusal: Refusal) -> str:
    return f"{refusal.title} {refusal.detail or ''}".strip()


def _cookies(request: Request) -> Cookies:
    return Cookies.of(request.app.state.settings.issuer)


def _csrf(request: Request) -> str:
    return request.cookies.get(_cookies(request).csrf) or new_secret()


def _with_csrf(request: Request, response: Response, token: str) -> Response:
    cookies = _cookies(request)
    response.set_cookie(
        cookies.csrf, token, httponly=True, samesite="lax", secure=cookies.is_secure
    )
    return response


def _page(page: Page, status: int) -> Response:
    return HTMLResponse(page.html(), status, page.headers())


async def _form(request: Request, form: SignInForm, problem: str, status: int) -> Response:
    token = _csrf(request)
    page = SignInPage(
        csrf_token=token,
        continue_to=form.continue_to if next_address(form.continue_to) == form.continue_to else "",
        email=form.email,
        problem=problem,
        form_targets=await _targets(request, form.continue_to),
    )
    return _with_csrf(request, _page(page, status), token)


async def _posted(request: Request) -> SignInForm | Response:
    """Return the posted form, or the page that says why it is not taken."""
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
        form = SignInForm.model_validate(dict(fields))
    except (ValueError, ValidationError):
        return _page(UNREADABLE, 400)
    if not is_from_own_page(
        token=form.csrf_token,
        cookie=request.cookies.get(_cookies(request).csrf),
        site=request.headers.get("sec-fetch-site"),
    ):
        return _page(NOT_OURS, 403)
    return form


async def _end_old(request: Request) -> None:
    """End the session that this browser had before: one browser, one session."""
    database: Database = request.app.state.database
    async with database.unit_of_work(ANYONE) as uow:
        await usecases.sign_out(uow, request.cookies.get(_cookies(request).session))


async def _targets(request: Request, continue_to: str) -> tuple[str, ...]:
    """Return the origins of the client that waits: browsers check them after the redirects."""
    waiting = parse_qs(urlsplit(continue_to).query).get("client_id", [""])[0]
    if not waiting or "\x00" in waiting:
        return ()
    database: Database = request.app.state.database
    async with database.unit_of_work(ANYONE) as uow:
        client = await find_client(uow.session, waiting)
    if client is None:
        return ()
    parts = [urlsplit(uri) for uri in client.redirect_uris]
    return tuple(f"{part.scheme}://{part.netloc}" for part in parts)
