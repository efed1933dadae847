"""Imports of one organization over HTTP: hand in a file, look how far it is, stop it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.imports import model, queries, schemas, usecases
from services.identity.imports.model import Import, ImportNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/imports", tag="imports")


@router.get(
    "",
    response_model=schemas.ImportPage,
    dependencies=[requires("identity.import.read")],
    summary="List the organization's imports",
)
async def list_imports(
    params: Annotated[schemas.ImportListParams, Query()], uow: Uow
) -> Rows[Import]:
    return await queries.list_imports(uow.session, params)


@router.post(
    "",
    response_model=schemas.ImportRead,
    status_code=202,
    dependencies=[requires("identity.import.create")],
    responses=refuses(model.ImportFileUnreadable),
    summary="Hand in a file of people to invite, or only have it checked",
)
async def create_import(body: schemas.ImportCreate, uow: Uow) -> Import:
    return await usecases.create_import(uow, body)


@router.get(
    "/{import_id}",
    response_model=schemas.ImportRead,
    dependencies=[requires("identity.import.read")],
    responses=refuses(ImportNotFound),
    summary="Read how far an import is and what was wrong",
)
async def get_import(import_id: UUID, uow: Uow) -> Import:
    return await queries.get_import(uow.session, import_id)


@router.post(
    "/{import_id}/cancel",
    response_model=schemas.ImportRead,
    dependencies=[requires("identity.import.cancel")],
    responses=refuses(ImportNotFound, model.ImportNotRunning, Stale),
    summary="Stop an import; nothing of it is kept",
)
async def cancel_import(import_id: UUID, uow: Uow) -> Import:
    return await usecases.cancel_import(uow, import_id)
