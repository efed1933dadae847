"""The authorization endpoint and the provider's description of itself over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from libs.chassis.database import Database
from services.identity.authorizations import usecases
from services.identity.authorizations.usecases import Choice, SignInNeeded
from services.identity.clients.model import GRANT_TYPES, SCOPES
from services.identity.clients.usecases import Asked
from services.identity.pages.schemas import MessagePage
from services.identity.sessions.model import NoOrganization, NotThisOrganization
from services.identity.sessions.schemas import Cookies, sign_in_address
from services.identity.sessions.usecases import come_back
from services.identity.settings import Settings
from services.identity.signing_keys.model import ALGORITHM
from services.identity.users.model import ANYONE

router = APIRouter(include_in_schema=False)


@router.get("/.well-known/openid-configuration")
@router.get("/.well-known/oauth-authorization-server")
async def describe_provider(request: Request) -> dict[str, Any]:
    issuer = request.app.state.settings.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "name", "email", "auth_time", "acr", "amr", "nonce"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


@router.get("/oauth2/authorize")
async def authorize(request: Request) -> Response:
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    asked = Asked(
        "GET",
        f"{settings.issuer}/oauth2/authorize",
        request.query_params.multi_items(),
        request.headers,
    )
    if asked.fault:
        return _page("The request cannot be read", asked.fault, 400)
    secret = request.cookies.get(Cookies.of(settings.issuer).session)
    async with database.unit_of_work(ANYONE) as uow:
        sign_in = await come_back(uow, secret)
    try:
        async with database.unit_of_work(sign_in.user.as_person() if sign_in else ANYONE) as uow:
            answer = await usecases.authorize(
                uow,
                asked,
                sign_in,
                choice=Choice(settings.only_organization, settings.allows_choice),
                issuer=settings.issuer,
            )
    except (NoOrganization, NotThisOrganization) as refusal:
        return _page(refusal.title, refusal.detail or "Ask your administrator.", refusal.status)
    if isinstance(answer, SignInNeeded):
        return RedirectResponse(sign_in_address(answer.continue_to), 303)
    if "Location" in answer.headers:
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return RedirectResponse(answer.headers["Location"], answer.status, headers)
    return _page("The request was refused", str(answer.body.get("error_description", "")), 400)


def _page(title: str, text: str, status: int) -> Response:
    page = MessagePage(title=title, text=text, link="/account", link_text="Your account")
    return HTMLResponse(page.html(), status, page.headers())
