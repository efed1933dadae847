"""The token and revocation endpoints over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from libs.chassis.database import Database
from services.identity.authorizations.usecases import Choice
from services.identity.clients.usecases import Asked, form_fields
from services.identity.settings import Settings
from services.identity.tokens import usecases
from services.identity.users.model import ANYONE

router = APIRouter(prefix="/oauth2", include_in_schema=False)

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@router.post("/token")
async def issue_token(request: Request) -> JSONResponse:
    return await _answer(request, usecases.issue_token)


@router.post("/revoke")
async def revoke_token(request: Request) -> JSONResponse:
    return await _answer(request, usecases.revoke_token)


async def _answer(request: Request, usecase: usecases.TokenUseCase) -> JSONResponse:
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    uri = f"{settings.issuer}{request.url.path}"
    try:
        fields = form_fields(await request.body(), request.headers.get("content-type", ""))
    except ValueError:
        return _unreadable("Send the fields as application/x-www-form-urlencoded.")
    asked = Asked("POST", uri, fields, request.headers)
    if asked.fault:
        return _unreadable(asked.fault)
    choice = Choice(settings.only_organization, settings.allows_choice)
    async with database.unit_of_work(ANYONE) as uow:
        answer = await usecase(uow, asked, choice=choice, issuer=settings.issuer)
    return JSONResponse(answer.body, answer.status, NO_STORE)


def _unreadable(description: str) -> JSONResponse:
    error = {"error": "invalid_request", "error_description": description}
    return JSONResponse(error, 400, NO_STORE)
