"""The userinfo endpoint over HTTP: the token in the header, or in a form (RFC 6750, 2)."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from joserfc.jws import extract_compact

from libs.chassis.access import NotSignedIn, signed_in_actor
from libs.chassis.database import Database
from libs.tenancy.actor import Actor
from libs.tenancy.tokens import TokenRejected
from services.identity.clients.usecases import form_fields
from services.identity.userinfo import usecases
from services.identity.userinfo.usecases import NotTold
from services.identity.users.model import ANYONE

router = APIRouter(prefix="/oauth2", include_in_schema=False)

STATUS = {"invalid_request": 400, "invalid_token": 401, "insufficient_scope": 403}


@router.get("/userinfo")
@router.post("/userinfo")
async def tell_userinfo(request: Request) -> JSONResponse:
    database: Database = request.app.state.database
    try:
        raw = await _token(request)
        if raw is None:
            return _challenge(401, "Bearer")
        actor = await _actor(request, raw)
        await request.app.state.check_revoked(actor)
        async with database.unit_of_work(ANYONE) as uow:
            told = await usecases.tell_userinfo(uow, _claims(raw))
    except TokenRejected as rejected:
        return _refused(NotTold("invalid_token", f"The access token was rejected: {rejected}."))
    except NotTold as refusal:
        return _refused(refusal)
    except NotSignedIn as refusal:
        return _challenge(401, refusal.headers["WWW-Authenticate"])
    assert told["sub"] == str(actor.user_id)
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


async def _token(request: Request) -> str | None:
    """Return the one token of the request; raises NotTold when it comes by two ways."""
    sent = []
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "dpop") and value:
        sent.append(value.strip())
    if request.method == "POST" and await request.body():
        try:
            fields = form_fields(await request.body(), request.headers.get("content-type", ""))
        except ValueError as fault:
            raise NotTold("invalid_request", str(fault)) from None
        sent += [value for name, value in fields if name == "access_token"]
    if len(sent) > 1:
        raise NotTold("invalid_request", "Send the token once.")
    return sent[0] if sent else None


async def _actor(request: Request, raw: str) -> Actor:
    """Return whom the token speaks for; one that is bound to a key comes in the header alone."""
    if request.headers.get("authorization"):
        return await signed_in_actor(request)
    actor: Actor = await request.app.state.verifier.verify(raw)
    if actor.bound_to:
        raise NotTold("invalid_token", "The access token is bound to a key; send its proof.")
    return actor


def _claims(raw: str) -> dict[str, Any]:
    """Return the payload of a token that has just been verified."""
    claims: dict[str, Any] = json.loads(extract_compact(raw.encode("ascii")).payload)
    return claims


def _refused(refusal: NotTold) -> JSONResponse:
    status = STATUS[refusal.error]
    challenge = f'Bearer error="{refusal.error}", error_description="{refusal}"'
    body = {"error": refusal.error, "error_description": str(refusal)}
    return _challenge(status, challenge, body)


def _challenge(status: int, challenge: str, body: dict[str, str] | None = None) -> JSONResponse:
    headers = {"WWW-Authenticate": challenge, "Cache-Control": "no-store"}
    return JSONResponse(body or {"error": "invalid_token"}, status, headers)
