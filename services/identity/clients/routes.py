"""Clients over HTTP, for those who run the platform."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.clients import model, queries, schemas, usecases
from services.identity.clients.model import Client, ClientNotFound

router = slice_router(prefix="/api/v1/identity/clients", tag="clients")

ClientId = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]+$")]


async def _told_once(request: Request, uow: Uow) -> None:
    """Keep no answer for repeats: it holds a secret that is stored nowhere."""
    del uow  # by now the key of the request is known
    request.state.idempotency = None


told_once = Depends(_told_once)


@router.get(
    "",
    response_model=schemas.ClientPage,
    dependencies=[requires("identity.client.read")],
    summary="List the clients",
)
async def list_clients(
    params: Annotated[schemas.ClientListParams, Query()], uow: Uow
) -> Rows[Client]:
    return await queries.list_clients(uow.session, params)


@router.get(
    "/{client_id}",
    response_model=schemas.ClientRead,
    dependencies=[requires("identity.client.read")],
    responses=refuses(ClientNotFound),
    summary="Read one client",
)
async def get_client(client_id: ClientId, uow: Uow) -> Client:
    return await queries.get_client(uow.session, client_id)


@router.post(
    "",
    status_code=201,
    response_model=schemas.ClientTold,
    dependencies=[requires("identity.client.create"), told_once],
    responses=refuses(model.ClientIdTaken),
    summary="Register a client; its secret is told this once",
)
async def create_client(body: schemas.ClientCreate, uow: Uow) -> schemas.ClientTold:
    return await usecases.create_client(uow, body)


@router.patch(
    "/{client_id}",
    response_model=schemas.ClientRead,
    dependencies=[requires("identity.client.change"), match_required],
    responses=refuses(ClientNotFound, MatchMissing, Stale, model.ClientContradictory),
    summary="Change a client",
)
async def change_client(client_id: ClientId, body: schemas.ClientChange, uow: Uow) -> Client:
    return await usecases.change_client(uow, client_id, body)


@router.post(
    "/{client_id}/rotate-secret",
    response_model=schemas.ClientTold,
    dependencies=[requires("identity.client.rotate_secret"), told_once],
    responses=refuses(ClientNotFound, model.NoSecretToRotate),
    summary="Give a client a new secret, told this once",
)
async def rotate_secret_of_client(client_id: ClientId, uow: Uow) -> schemas.ClientTold:
    return await usecases.rotate_secret_of_client(uow, client_id)


@router.post(
    "/{client_id}/disable",
    response_model=schemas.ClientRead,
    dependencies=[requires("identity.client.disable")],
    responses=refuses(ClientNotFound, model.ClientAlreadyDisabled),
    summary="Let a client ask for nothing any more",
)
async def disable_client(client_id: ClientId, uow: Uow) -> Client:
    return await usecases.disable_client(uow, client_id)


@router.post(
    "/{client_id}/enable",
    response_model=schemas.ClientRead,
    dependencies=[requires("identity.client.enable")],
    responses=refuses(ClientNotFound, model.ClientAlreadyEnabled),
    summary="Let a disabled client ask again",
)
async def enable_client(client_id: ClientId, uow: Uow) -> Client:
    return await usecases.enable_client(uow, client_id)
