"""Decisions on realignments over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.realignment_decisions import model, queries, schemas, usecases
from services.budgeting.realignment_decisions.model import (
    RealignmentDecision,
    RealignmentDecisionNotFound,
)

router = slice_router(
    prefix="/api/v1/moa/{org_code}/budgeting/realignment-decisions", tag="realignments"
)

STEP = (RealignmentDecisionNotFound, MatchMissing, model.DecisionIssued)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.realignment_decision.{verb}")]


@router.get(
    "",
    response_model=schemas.RealignmentDecisionPage,
    dependencies=_may("read"),
    summary="List your office's decisions on others' realignments",
)
async def list_realignment_decisions(
    params: Annotated[schemas.RealignmentDecisionFilter, Query()], uow: Uow
) -> Rows[RealignmentDecision]:
    return await queries.list_realignment_decisions(uow.session, params)


@router.post(
    "",
    response_model=schemas.RealignmentDecisionRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(
        model.RealignmentNotSubmittedToUs, model.VerdictUnexplained, model.DecisionDrafted
    ),
    summary="Draft the decision on a realignment submitted to your office",
)
async def create_realignment_decision(
    body: schemas.RealignmentDecisionCreate, uow: Uow
) -> RealignmentDecision:
    return await usecases.create_realignment_decision(uow, body)


@router.get(
    "/{realignment_decision_id}",
    response_model=schemas.RealignmentDecisionRead,
    dependencies=_may("read"),
    responses=refuses(RealignmentDecisionNotFound),
    summary="Read a decision on a realignment",
)
async def get_realignment_decision(realignment_decision_id: UUID, uow: Uow) -> RealignmentDecision:
    return await queries.get_realignment_decision(uow.session, realignment_decision_id)


@router.delete(
    "/{realignment_decision_id}",
    status_code=204,
    dependencies=[*_may("delete"), match_required],
    responses=refuses(*STEP),
    summary="Delete a draft decision",
)
async def delete_realignment_decision(realignment_decision_id: UUID, uow: Uow) -> None:
    await usecases.delete_realignment_decision(uow, realignment_decision_id)


@router.post(
    "/{realignment_decision_id}/approve",
    response_model=schemas.RealignmentDecisionRead,
    dependencies=[*_may("approve"), match_required],
    responses=refuses(*STEP, model.DrafterMayNotIssue),
    summary="Issue a decision that someone else drafted",
)
async def approve_realignment_decision(
    realignment_decision_id: UUID, uow: Uow
) -> RealignmentDecision:
    return await usecases.approve_realignment_decision(uow, realignment_decision_id)
