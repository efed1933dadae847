"""The page on which a person answers a device."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from libs.chassis.database import Database
from services.identity.authorizations.usecases import Choice
from services.identity.clients.usecases import form_fields
from services.identity.device_authorizations import usecases
from services.identity.device_authorizations.model import (
    DeviceRequestAnswered,
    DeviceRequestNotFound,
    as_typed,
    shown,
)
from services.identity.device_authorizations.queries import get_pending
from services.identity.device_authorizations.schemas import DeviceForm, DevicePage
from services.identity.pages.schemas import MessagePage, Page
from services.identity.sessions.model import NotThisOrganization, SignInSession, new_secret
from services.identity.sessions.schemas import Cookies, is_from_own_page, sign_in_address
from services.identity.sessions.usecases import come_back
from services.identity.users.model import ANYONE

router = APIRouter(prefix="/device", include_in_schema=False)

NOT_KNOWN = "This code is not known, or it is over. Type the code that the device shows now."


@router.get("")
async def ask(request: Request) -> Response:
    form = DeviceForm.model_construct(user_code=request.query_params.get("user_code", "")[:30])
    sign_in = await _signed_in(request)
    if sign_in is None:
        return _to_sign_in(form)
    # A code in the address is only filled in: the person compares and sends it (RFC 8628, 5.4).
    return _page(request, DevicePage(csrf_token=_csrf(request), user_code=_shown(form)), 200)


@router.post("")
async def decide(request: Request) -> Response:
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
        form = DeviceForm.model_validate(dict(fields))
    except (ValueError, ValidationError):
        return _message("The form could not be read", "Open the page again.", 400)
    if not is_from_own_page(
        token=form.csrf_token,
        cookie=request.cookies.get(_cookies(request).csrf),
        site=request.headers.get("sec-fetch-site"),
    ):
        return _message("The form did not come from this site", "Open the page again.", 403)
    sign_in = await _signed_in(request)
    if sign_in is None:
        return _to_sign_in(form)
    try:
        return await _decided(request, form, sign_in)
    except (DeviceRequestNotFound, DeviceRequestAnswered):
        page = DevicePage(csrf_token=_csrf(request), user_code=_shown(form), problem=NOT_KNOWN)
        return _page(request, page, 404)
    except NotThisOrganization as refusal:
        return _message(refusal.title, "Ask your administrator.", 403)


async def _decided(request: Request, form: DeviceForm, sign_in: SignInSession) -> Response:
    database: Database = request.app.state.database
    settings = request.app.state.settings
    choice = Choice(settings.only_organization, settings.allows_choice)
    async with database.unit_of_work(sign_in.user.as_person()) as uow:
        if form.decision == "allow":
            await usecases.allow(uow, sign_in, form.user_code, form.organization, choice)
        elif form.decision == "deny":
            await usecases.deny(uow, form.user_code)
        else:
            device = await get_pending(uow.session, form.user_code, uow.now())
            open_to = await usecases.list_choices(uow, sign_in, choice)
            page = DevicePage(
                csrf_token=_csrf(request),
                user_code=_shown(form),
                client_name=device.client.name,
                full_name=sign_in.user.full_name,
                organizations=tuple((row.code, row.name) for row in open_to),
            )
            return _page(request, page, 200)
    if form.decision == "deny":
        return _message("The device was turned away", "It can do nothing in your name.", 200)
    return _message("The device may act for you", "You can go back to it now.", 200)


async def _signed_in(request: Request) -> SignInSession | None:
    database: Database = request.app.state.database
    async with database.unit_of_work(ANYONE) as uow:
        return await come_back(uow, request.cookies.get(_cookies(request).session))


def _to_sign_in(form: DeviceForm) -> Response:
    back = f"/device?{urlencode({'user_code': _shown(form)})}"
    return RedirectResponse(sign_in_address(back), 303, {"Cache-Control": "no-store"})


def _shown(form: DeviceForm) -> str:
    code = as_typed(form.user_code)
    return shown(code) if code else ""


def _cookies(request: Request) -> Cookies:
    return Cookies.of(request.app.state.settings.issuer)


def _csrf(request: Request) -> str:
    kept: str | None = getattr(request.state, "csrf", None)
    if kept is None:
        kept = request.cookies.get(_cookies(request).csrf) or new_secret()
        request.state.csrf = kept
    return kept


def _page(request: Request, page: Page, status: int) -> Response:
    response = HTMLResponse(page.html(), status, page.headers())
    cookies = _cookies(request)
    response.set_cookie(
        cookies.csrf, _csrf(request), httponly=True, samesite="lax", secure=cookies.is_secure
    )
    return response


def _message(title: str, text: str, status: int) -> Response:
    page = MessagePage(title=title, text=text, link="/account", link_text="Your account")
    return HTMLResponse(page.html(), status, page.headers())
