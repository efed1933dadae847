"""Payees over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.payees import queries, schemas, usecases
from services.budgeting.payees.model import Payee, PayeeNotFound, TinTaken

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/payees", tag="payees")


@router.get(
    "",
    response_model=schemas.PayeePage,
    dependencies=[requires("budgeting.payee.read")],
    summary="List payees",
)
async def list_payees(params: Annotated[schemas.PayeeFilter, Query()], uow: Uow) -> Rows[Payee]:
    return await queries.list_payees(uow.session, params)


@router.post(
    "",
    response_model=schemas.PayeeRead,
    status_code=201,
    dependencies=[requires("budgeting.payee.create")],
    responses=refuses(TinTaken),
    summary="Enter a payee",
)
async def create_payee(body: schemas.PayeeCreate, uow: Uow) -> Payee:
    return await usecases.create_payee(uow, body)


@router.get(
    "/{payee_id}",
    response_model=schemas.PayeeRead,
    dependencies=[requires("budgeting.payee.read")],
    responses=refuses(PayeeNotFound),
    summary="Read a payee",
)
async def get_payee(payee_id: UUID, uow: Uow) -> Payee:
    return await queries.get_payee(uow.session, payee_id)


@router.patch(
    "/{payee_id}",
    response_model=schemas.PayeeRead,
    dependencies=[requires("budgeting.payee.change"), match_required],
    responses=refuses(PayeeNotFound, MatchMissing, TinTaken),
    summary="Correct a payee, or put it out of use",
)
async def change_payee(payee_id: UUID, body: schemas.PayeeChange, uow: Uow) -> Payee:
    return await usecases.change_payee(uow, payee_id, body)
