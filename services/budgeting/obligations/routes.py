"""Obligations over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.allotments.model import AllotmentNotFound, AllotmentOutOfStep
from services.budgeting.object_codes.model import (
    ObjectClassDiffers,
    ObjectCodeNotValid,
    ObjectCodeUnknown,
)
from services.budgeting.obligations import model, queries, schemas, usecases
from services.budgeting.obligations.model import (
    Obligation,
    ObligationNotFound,
    ObligationOutOfStep,
)
from services.budgeting.payees.model import PayeeNotActive, PayeeUnknown
from services.budgeting.postings import model as ledger

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/obligations", tag="obligations")

CHANGE = (ObligationNotFound, MatchMissing, ObligationOutOfStep)
PARTS = (PayeeUnknown, PayeeNotActive, model.WorkItemRequired, model.WorkItemElsewhere)
CODES = (ObjectClassDiffers, ObjectCodeUnknown, ObjectCodeNotValid)
POST = (ledger.BalanceExceeded, ledger.PeriodClosed, ledger.NotWithinValidity, ledger.LevelClosed)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.obligation.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.ObligationPage,
    dependencies=_may("read"),
    summary="List obligations",
)
async def list_obligations(
    params: Annotated[schemas.ObligationFilter, Query()], uow: Uow
) -> Rows[Obligation]:
    return await queries.list_obligations(uow.session, params)


@router.post(
    "",
    response_model=schemas.ObligationRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(AllotmentNotFound, AllotmentOutOfStep, *PARTS, *CODES),
    summary="Ask for a commitment against a released allotment",
)
async def create_obligation(body: schemas.ObligationCreate, uow: Uow) -> Obligation:
    return await usecases.create_obligation(uow, body)


@router.get(
    "/{obligation_id}",
    response_model=schemas.ObligationRead,
    dependencies=_may("read"),
    responses=refuses(ObligationNotFound),
    summary="Read an obligation with its lines and balances",
)
async def get_obligation(obligation_id: UUID, uow: Uow) -> Obligation:
    return await queries.get_obligation(uow.session, obligation_id)


@router.patch(
    "/{obligation_id}",
    response_model=schemas.ObligationRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, *PARTS, *CODES),
    summary="Edit a draft obligation",
)
async def change_obligation(
    obligation_id: UUID, body: schemas.ObligationChange, uow: Uow
) -> Obligation:
    return await usecases.change_obligation(uow, obligation_id, body)


@router.post(
    "/{obligation_id}/certify",
    response_model=schemas.ObligationRead,
    dependencies=_may_now("certify"),
    responses=refuses(*CHANGE, *POST, model.RequesterMayNotCertify),
    summary="Certify that the money is there, and keep it",
)
async def certify_obligation(obligation_id: UUID, uow: Uow) -> Obligation:
    return await usecases.certify_obligation(uow, obligation_id)


@router.post(
    "/{obligation_id}/obligate",
    response_model=schemas.ObligationRead,
    dependencies=_may_now("obligate"),
    responses=refuses(*CHANGE, *POST),
    summary="Bind the organization under the next ORS number",
)
async def obligate_obligation(obligation_id: UUID, uow: Uow) -> Obligation:
    return await usecases.obligate_obligation(uow, obligation_id)


@router.post(
    "/{obligation_id}/adjust",
    response_model=schemas.ObligationRead,
    dependencies=_may_now("adjust"),
    responses=refuses(*CHANGE, *POST, ledger.AmountOutOfBounds),
    summary="Raise or lower an obligation by a notice",
)
async def adjust_obligation(
    obligation_id: UUID, body: schemas.ObligationAdjust, uow: Uow
) -> Obligation:
    return await usecases.adjust_obligation(uow, obligation_id, body)


@router.post(
    "/{obligation_id}/deliver",
    response_model=schemas.ObligationRead,
    dependencies=_may_now("deliver"),
    responses=refuses(*CHANGE),
    summary="Note delivery: what is unpaid is due",
)
async def deliver_obligation(
    obligation_id: UUID, body: schemas.ObligationDeliver, uow: Uow
) -> Obligation:
    return await usecases.deliver_obligation(uow, obligation_id, body.delivered_on)


@router.post(
    "/{obligation_id}/cancel",
    response_model=schemas.ObligationRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*CHANGE, *POST, model.ObligationDisbursed, model.ObligationAwaited),
    summary="Give up an obligation of which nothing is paid",
)
async def cancel_obligation(
    obligation_id: UUID, body: schemas.ObligationCancel, uow: Uow
) -> Obligation:
    return await usecases.cancel_obligation(uow, obligation_id, body)
