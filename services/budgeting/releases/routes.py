"""Releases over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.known_organizations.model import NO_ISSUE_FOR
from services.budgeting.releases import model, queries, schemas, usecases
from services.budgeting.releases.model import Release, ReleaseNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/releases", tag="releases")


@router.get(
    "",
    response_model=schemas.ReleasePage,
    dependencies=[requires("budgeting.release.read")],
    summary="List the releases that your office prepared or issued",
)
async def list_releases(
    params: Annotated[schemas.ReleaseFilter, Query()], uow: Uow
) -> Rows[Release]:
    return await queries.list_releases(uow.session, uow.actor.org_id, params)


@router.post(
    "",
    response_model=schemas.ReleaseRead,
    status_code=201,
    dependencies=[requires("budgeting.release.create")],
    responses=refuses(model.AllotmentNotSubmitted, model.TransferNotSubmitted, *NO_ISSUE_FOR),
    summary="Prepare the release of an allotment or a transfer submitted to your office",
)
async def create_release(body: schemas.ReleaseCreate, uow: Uow) -> Release:
    return await usecases.create_release(uow, body)


@router.get(
    "/{release_id}",
    response_model=schemas.ReleaseRead,
    dependencies=[requires("budgeting.release.read")],
    responses=refuses(ReleaseNotFound),
    summary="Read a release",
)
async def get_release(release_id: UUID, uow: Uow) -> Release:
    return await queries.get_release(uow.session, release_id)


@router.post(
    "/{release_id}/approve",
    response_model=schemas.ReleaseRead,
    dependencies=[requires("budgeting.release.approve"), match_required],
    responses=refuses(
        ReleaseNotFound,
        MatchMissing,
        model.ReleaseIssued,
        model.PreparerMayNotIssue,
        *NO_ISSUE_FOR,
    ),
    summary="Issue a release that someone else prepared",
)
async def approve_release(release_id: UUID, uow: Uow) -> Release:
    return await usecases.approve_release(uow, release_id)
