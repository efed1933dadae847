"""Submissions as the issuer of the call receives them, over HTTP: read only."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from services.budgeting.submissions import queries, schemas
from services.budgeting.submissions.model import Submission, SubmissionNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/submissions", tag="submissions")

READ = [requires("budgeting.review.read")]


@router.get(
    "",
    response_model=schemas.ReceivedPage,
    dependencies=READ,
    summary="List what organizations submitted under calls of this organization",
)
async def list_received(
    params: Annotated[schemas.ReceivedFilter, Query()], uow: Uow
) -> Rows[Submission]:
    return await queries.list_received(uow.session, uow.actor.org_id, params)


@router.get(
    "/{submission_id}",
    response_model=schemas.ReceivedRead,
    dependencies=READ,
    responses=refuses(SubmissionNotFound),
    summary="Read a submission",
)
async def get_received(submission_id: UUID, uow: Uow) -> Submission:
    return await queries.get_received(uow.session, submission_id)
