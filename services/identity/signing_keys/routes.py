"""The key set over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from libs.chassis.database import Database
from services.identity.signing_keys import usecases
from services.identity.users.model import ANYONE

router = APIRouter(include_in_schema=False)


@router.get("/oauth2/jwks")
async def publish_keys(request: Request) -> JSONResponse:
    database: Database = request.app.state.database
    async with database.unit_of_work(ANYONE) as uow:
        keys = await usecases.publish_keys(uow)
    return JSONResponse(keys, headers={"Cache-Control": "public, max-age=300"})
