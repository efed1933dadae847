"""Answers to requests for endorsement over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.endorsement_answers import model, queries, schemas, usecases
from services.budgeting.endorsement_answers.model import (
    EndorsementAnswer,
    EndorsementAnswerNotFound,
)

router = slice_router(
    prefix="/api/v1/moa/{org_code}/budgeting/endorsement-answers", tag="endorsements"
)

STEP = (EndorsementAnswerNotFound, MatchMissing, model.AnswerIssued)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.endorsement_answer.{verb}")]


@router.get(
    "",
    response_model=schemas.EndorsementAnswerPage,
    dependencies=_may("read"),
    summary="List your organization's answers to requests for endorsement",
)
async def list_endorsement_answers(
    params: Annotated[schemas.EndorsementAnswerFilter, Query()], uow: Uow
) -> Rows[EndorsementAnswer]:
    return await queries.list_endorsement_answers(uow.session, params)


@router.post(
    "",
    response_model=schemas.EndorsementAnswerRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(model.NotAsked, model.AnswerDrafted),
    summary="Draft the answer to a request submitted to your organization",
)
async def create_endorsement_answer(
    body: schemas.EndorsementAnswerCreate, uow: Uow
) -> EndorsementAnswer:
    return await usecases.create_endorsement_answer(uow, body)


@router.get(
    "/{endorsement_answer_id}",
    response_model=schemas.EndorsementAnswerRead,
    dependencies=_may("read"),
    responses=refuses(EndorsementAnswerNotFound),
    summary="Read an answer",
)
async def get_endorsement_answer(endorsement_answer_id: UUID, uow: Uow) -> EndorsementAnswer:
    return await queries.get_endorsement_answer(uow.session, endorsement_answer_id)


@router.delete(
    "/{endorsement_answer_id}",
    status_code=204,
    dependencies=[*_may("delete"), match_required],
    responses=refuses(*STEP),
    summary="Delete a draft answer",
)
async def delete_endorsement_answer(endorsement_answer_id: UUID, uow: Uow) -> None:
    await usecases.delete_endorsement_answer(uow, endorsement_answer_id)


@router.post(
    "/{endorsement_answer_id}/approve",
    response_model=schemas.EndorsementAnswerRead,
    dependencies=[*_may("approve"), match_required],
    responses=refuses(*STEP, model.DrafterMayNotAnswer),
    summary="Issue an answer that someone else drafted",
)
async def approve_endorsement_answer(endorsement_answer_id: UUID, uow: Uow) -> EndorsementAnswer:
    return await usecases.approve_endorsement_answer(uow, endorsement_answer_id)
