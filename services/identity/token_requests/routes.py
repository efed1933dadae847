"""The endpoints at which clients speak for themselves, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from libs.chassis.database import Database
from services.identity.authorizations.usecases import Choice
from services.identity.clients.usecases import Asked, form_fields
from services.identity.settings import Settings
from services.identity.token_requests import usecases
from services.identity.tokens.usecases import Terms
from services.identity.users.model import ANYONE

router = APIRouter(prefix="/oauth2", include_in_schema=False)

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@router.post("/token")
async def issue_token(request: Request) -> JSONResponse:
    return await _answer(request, usecases.issue_token)


@router.post("/revoke")
async def revoke_token(request: Request) -> JSONResponse:
    return await _answer(request, usecases.revoke_token)


@router.post("/introspect")
async def introspect_token(request: Request) -> JSONResponse:
    return await _answer(request, usecases.introspect_token)


@router.post("/par")
async def push_request(request: Request) -> JSONResponse:
    return await _answer(request, usecases.push_request)


@router.post("/device_authorization")
async def begin_device(request: Request) -> JSONResponse:
    return await _answer(request, usecases.begin_device)


async def _answer(request: Request, ask: usecases.Ask) -> JSONResponse:
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
    except ValueError:
        return _unreadable("Send the fields as application/x-www-form-urlencoded.")
    asked = Asked("POST", f"{settings.issuer}{request.url.path}", fields, request.headers)
    if asked.fault:
        return _unreadable(asked.fault)
    choice = Choice(settings.only_organization, settings.allows_choice)
    async with database.unit_of_work(ANYONE) as uow:
        answer = await usecases.answer(uow, asked, Terms(choice, settings.issuer), ask)
    challenge = {name: value for name, value in answer.headers.items() if name.startswith("WWW-")}
    return JSONResponse(answer.body, answer.status, NO_STORE | challenge)


def _unreadable(description: str) -> JSONResponse:
    error = {"error": "invalid_request", "error_description": description}
    return JSONResponse(error, 400, NO_STORE)
