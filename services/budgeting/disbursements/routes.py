"""Disbursements over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.approval_tiers.model import AboveYourTier
from services.budgeting.cash_allocations.model import CashExceeded
from services.budgeting.disbursements import model, queries, schemas, usecases
from services.budgeting.disbursements.model import (
    Disbursement,
    DisbursementNotFound,
    DisbursementOutOfStep,
)
from services.budgeting.obligations.model import ObligationNotFound, ObligationOutOfStep
from services.budgeting.postings import model as ledger

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/disbursements", tag="disbursements")

CHANGE = (DisbursementNotFound, MatchMissing, DisbursementOutOfStep)
SUMS = (ledger.BalanceExceeded, model.DeductionsTooLarge)
POST = (ledger.BalanceExceeded, ledger.PeriodClosed, ledger.NotWithinValidity, ledger.LevelClosed)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.disbursement.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.DisbursementPage,
    dependencies=_may("read"),
    summary="List disbursements",
)
async def list_disbursements(
    params: Annotated[schemas.DisbursementFilter, Query()], uow: Uow
) -> Rows[Disbursement]:
    return await queries.list_disbursements(uow.session, params)


@router.post(
    "",
    response_model=schemas.DisbursementRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(ObligationNotFound, ObligationOutOfStep, *SUMS),
    summary="Prepare the payment of an obligation",
)
async def create_disbursement(body: schemas.DisbursementCreate, uow: Uow) -> Disbursement:
    return await usecases.create_disbursement(uow, body)


@router.get(
    "/{disbursement_id}",
    response_model=schemas.DisbursementRead,
    dependencies=_may("read"),
    responses=refuses(DisbursementNotFound),
    summary="Read a disbursement",
)
async def get_disbursement(disbursement_id: UUID, uow: Uow) -> Disbursement:
    return await queries.get_disbursement(uow.session, disbursement_id)


@router.patch(
    "/{disbursement_id}",
    response_model=schemas.DisbursementRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, *SUMS),
    summary="Edit a draft disbursement",
)
async def change_disbursement(
    disbursement_id: UUID, body: schemas.DisbursementChange, uow: Uow
) -> Disbursement:
    return await usecases.change_disbursement(uow, disbursement_id, body)


@router.post(
    "/{disbursement_id}/submit",
    response_model=schemas.DisbursementRead,
    dependencies=_may_now("submit"),
    responses=refuses(*CHANGE),
    summary="Hand a voucher in for certification",
)
async def submit_disbursement(disbursement_id: UUID, uow: Uow) -> Disbursement:
    return await usecases.submit_disbursement(uow, disbursement_id)


@router.post(
    "/{disbursement_id}/certify",
    response_model=schemas.DisbursementRead,
    dependencies=_may_now("certify"),
    responses=refuses(*CHANGE, model.SamePerson),
    summary="Certify that funds and documents are complete",
)
async def certify_disbursement(disbursement_id: UUID, uow: Uow) -> Disbursement:
    return await usecases.certify_disbursement(uow, disbursement_id)


@router.post(
    "/{disbursement_id}/approve",
    response_model=schemas.DisbursementRead,
    dependencies=_may_now("approve"),
    responses=refuses(*CHANGE, model.SamePerson, AboveYourTier),
    summary="Order the payment",
)
async def approve_disbursement(disbursement_id: UUID, uow: Uow) -> Disbursement:
    return await usecases.approve_disbursement(uow, disbursement_id)


@router.post(
    "/{disbursement_id}/pay",
    response_model=schemas.DisbursementRead,
    dependencies=_may_now("pay"),
    responses=refuses(*CHANGE, *POST, model.SamePerson, model.CheckNumberMissing, CashExceeded),
    summary="Record that money left",
)
async def pay_disbursement(
    disbursement_id: UUID, body: schemas.DisbursementPay, uow: Uow
) -> Disbursement:
    return await usecases.pay_disbursement(uow, disbursement_id, body)


@router.post(
    "/{disbursement_id}/void",
    response_model=schemas.DisbursementRead,
    dependencies=_may_now("void"),
    responses=refuses(*CHANGE, *POST),
    summary="Undo a payment by a reversal",
)
async def void_disbursement(
    disbursement_id: UUID, body: schemas.DisbursementVoid, uow: Uow
) -> Disbursement:
    return await usecases.void_disbursement(uow, disbursement_id, body)


@router.post(
    "/{disbursement_id}/cancel",
    response_model=schemas.DisbursementRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*CHANGE),
    summary="Give a payment up before money left",
)
async def cancel_disbursement(
    disbursement_id: UUID, body: schemas.DisbursementCancel, uow: Uow
) -> Disbursement:
    return await usecases.cancel_disbursement(uow, disbursement_id, body.reason)
