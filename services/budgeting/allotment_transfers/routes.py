"""Transfers of allotments over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.allotment_transfers import model, queries, schemas, usecases
from services.budgeting.allotment_transfers.model import (
    AllotmentTransfer,
    AllotmentTransferNotFound,
)
from services.budgeting.allotments.model import AllotmentNotFound, AllotmentOutOfStep
from services.budgeting.known_organizations.model import NO_ISSUE_FOR

router = slice_router(
    prefix="/api/v1/moa/{org_code}/budgeting/allotment-transfers", tag="allotments"
)

STEP = (AllotmentTransferNotFound, MatchMissing, model.TransferOutOfStep)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.allotment_transfer.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.AllotmentTransferPage,
    dependencies=_may("read"),
    summary="List transfers to other organizations",
)
async def list_transfers(
    params: Annotated[schemas.AllotmentTransferFilter, Query()], uow: Uow
) -> Rows[AllotmentTransfer]:
    return await queries.list_transfers(uow.session, uow.actor.org_id, params)


@router.post(
    "",
    response_model=schemas.AllotmentTransferRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(
        AllotmentNotFound,
        AllotmentOutOfStep,
        model.TransferExceeds,
        model.TransferToOneself,
        *NO_ISSUE_FOR,
    ),
    summary="Plan to give a part of an allotment to another organization",
)
async def create_transfer(body: schemas.AllotmentTransferCreate, uow: Uow) -> AllotmentTransfer:
    return await usecases.create_transfer(uow, body)


@router.get(
    "/{allotment_transfer_id}",
    response_model=schemas.AllotmentTransferRead,
    dependencies=_may("read"),
    responses=refuses(AllotmentTransferNotFound),
    summary="Read a transfer",
)
async def get_transfer(allotment_transfer_id: UUID, uow: Uow) -> AllotmentTransfer:
    return await queries.get_transfer(uow.session, allotment_transfer_id)


@router.delete(
    "/{allotment_transfer_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*STEP),
    summary="Delete a draft transfer",
)
async def delete_transfer(allotment_transfer_id: UUID, uow: Uow) -> None:
    await usecases.delete_transfer(uow, allotment_transfer_id)


@router.post(
    "/{allotment_transfer_id}/approve",
    response_model=schemas.AllotmentTransferRead,
    dependencies=_may_now("approve"),
    responses=refuses(*STEP, model.PreparerMayNotTransfer),
    summary="Agree to a transfer that someone else prepared, and ask the issuer to release it",
)
async def approve_transfer(allotment_transfer_id: UUID, uow: Uow) -> AllotmentTransfer:
    return await usecases.approve_transfer(uow, allotment_transfer_id)


@router.post(
    "/{allotment_transfer_id}/withdraw",
    response_model=schemas.AllotmentTransferRead,
    dependencies=_may_now("withdraw"),
    responses=refuses(*STEP),
    summary="Take a transfer back before it is released",
)
async def withdraw_transfer(allotment_transfer_id: UUID, uow: Uow) -> AllotmentTransfer:
    return await usecases.withdraw_transfer(uow, allotment_transfer_id)
