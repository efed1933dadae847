"""The board over HTTP, and its files."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from services.identity.wave_boards import schemas, usecases
from services.identity.waves.queries import list_all_waves

router = slice_router(prefix="/api/v1/identity/wave-board", tag="waves")


@router.get(
    "",
    response_model=schemas.Board,
    dependencies=[requires("identity.wave.read")],
    summary="Show every wave, how ready its organizations are, and what blocks",
)
async def get_wave_board(uow: Uow) -> schemas.Board:
    return await usecases.read_board(uow)


@router.get(
    "/proposal",
    response_model=schemas.Proposal,
    dependencies=[requires("identity.wave.read")],
    summary="Propose waves for who is in none yet, by readiness",
)
async def get_wave_proposal(
    params: Annotated[schemas.ProposalParams, Query()], uow: Uow
) -> schemas.Proposal:
    return await usecases.propose_waves(uow, params.places)


@router.get(
    "/export",
    response_class=Response,
    dependencies=[requires("identity.wave.read")],
    responses={
        200: {
            "description": "The heat map.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    },
    summary="Take the heat map along as CSV",
)
async def get_wave_board_export(uow: Uow) -> Response:
    content = schemas.board_csv(await usecases.export_board(uow))
    named = {"Content-Disposition": 'attachment; filename="waves.csv"'}
    return Response(content, media_type="text/csv", headers=named)


@router.get(
    "/calendar",
    response_class=Response,
    dependencies=[requires("identity.wave.read")],
    responses={
        200: {
            "description": "The timeline.",
            "content": {"text/calendar": {"schema": {"type": "string"}}},
        }
    },
    summary="Take the timeline along as a calendar",
)
async def get_wave_calendar(request: Request, uow: Uow) -> Response:
    host = request.app.state.settings.mail_domain
    content = schemas.calendar(await list_all_waves(uow.session), host=host, now=uow.now())
    named = {"Content-Disposition": 'attachment; filename="waves.ics"'}
    return Response(content, media_type="text/calendar", headers=named)
