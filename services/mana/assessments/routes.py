"""Assessments over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.mana.areas.model import AreaIncoherent, AreaIncomplete, AreaTooNarrow
from services.mana.assessments import model, queries, schemas, usecases
from services.mana.assessments.model import Assessment, AssessmentClosed, AssessmentNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/mana/assessments", tag="assessments")

CHANGE = (AssessmentNotFound, MatchMissing, Stale)
SETTLE = (
    model.DatesReversed,
    model.AssessmentCodeTaken,
    AreaIncomplete,
    AreaTooNarrow,
    AreaIncoherent,
)


def _may(verb: str) -> list[Any]:
    return [requires(f"mana.assessment.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.AssessmentPage,
    dependencies=_may("read"),
    summary="List assessments",
)
async def list_assessments(
    params: Annotated[schemas.AssessmentFilter, Query()], uow: Uow
) -> Rows[Assessment]:
    return await queries.list_assessments(uow.session, params)


@router.post(
    "",
    response_model=schemas.AssessmentRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(*SETTLE),
    summary="Plan an assessment",
)
async def create_assessment(body: schemas.AssessmentCreate, uow: Uow) -> Assessment:
    return await usecases.create_assessment(uow, body)


@router.get(
    "/{assessment_id}",
    response_model=schemas.AssessmentRead,
    dependencies=_may("read"),
    responses=refuses(AssessmentNotFound),
    summary="Read an assessment",
)
async def get_assessment(assessment_id: UUID, uow: Uow) -> Assessment:
    return await queries.get_assessment(uow.session, assessment_id)


@router.patch(
    "/{assessment_id}",
    response_model=schemas.AssessmentRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, AssessmentClosed, model.StageNotReady, *SETTLE),
    summary="Edit an open assessment",
)
async def change_assessment(
    assessment_id: UUID, body: schemas.AssessmentChange, uow: Uow
) -> Assessment:
    return await usecases.change_assessment(uow, assessment_id, body)


@router.post(
    "/{assessment_id}/advance",
    response_model=schemas.AssessmentRead,
    dependencies=_may_now("advance"),
    responses=refuses(*CHANGE, AssessmentClosed, model.StageNotReady),
    summary="Take an assessment to its next stage",
)
async def advance_assessment(assessment_id: UUID, uow: Uow) -> Assessment:
    return await usecases.advance_assessment(uow, assessment_id)


@router.post(
    "/{assessment_id}/cancel",
    response_model=schemas.AssessmentRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*CHANGE, AssessmentClosed),
    summary="End an open assessment with a reason",
)
async def cancel_assessment(
    assessment_id: UUID, body: schemas.AssessmentCancel, uow: Uow
) -> Assessment:
    return await usecases.cancel_assessment(uow, assessment_id, body.reason)


@router.post(
    "/{assessment_id}/reopen",
    response_model=schemas.AssessmentRead,
    dependencies=_may_now("reopen"),
    responses=refuses(*CHANGE, model.AssessmentNotCompleted),
    summary="Take a completed assessment back to reporting",
)
async def reopen_assessment(assessment_id: UUID, uow: Uow) -> Assessment:
    return await usecases.reopen_assessment(uow, assessment_id)
