"""Savings over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.appropriation_items.model import AppropriationItemNotFound
from services.budgeting.savings import model, queries, schemas, usecases
from services.budgeting.savings.model import Saving, SavingNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/savings", tag="savings")

STEP = (SavingNotFound, MatchMissing, model.SavingOutOfStep)
SETTLE = (*STEP, model.ProposerMayNotDeclare)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.saving.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "", response_model=schemas.SavingPage, dependencies=_may("read"), summary="List savings"
)
async def list_savings(params: Annotated[schemas.SavingFilter, Query()], uow: Uow) -> Rows[Saving]:
    return await queries.list_savings(uow.session, params)


@router.post(
    "",
    response_model=schemas.SavingRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(AppropriationItemNotFound, model.SavingExceeded, model.SavingOutOfStep),
    summary="Propose to declare a free part of an item as saved",
)
async def create_saving(body: schemas.SavingCreate, uow: Uow) -> Saving:
    return await usecases.create_saving(uow, body)


@router.get(
    "/{saving_id}",
    response_model=schemas.SavingRead,
    dependencies=_may("read"),
    responses=refuses(SavingNotFound),
    summary="Read a saving",
)
async def get_saving(saving_id: UUID, uow: Uow) -> Saving:
    return await queries.get_saving(uow.session, saving_id)


@router.delete(
    "/{saving_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*STEP),
    summary="Delete what was only proposed",
)
async def delete_saving(saving_id: UUID, uow: Uow) -> None:
    await usecases.delete_saving(uow, saving_id)


@router.post(
    "/{saving_id}/approve",
    response_model=schemas.SavingRead,
    dependencies=_may_now("approve"),
    responses=refuses(*SETTLE, model.SavingExceeded),
    summary="Declare what someone else proposed",
)
async def approve_saving(saving_id: UUID, uow: Uow) -> Saving:
    return await usecases.approve_saving(uow, saving_id)


@router.post(
    "/{saving_id}/reject",
    response_model=schemas.SavingRead,
    dependencies=_may_now("reject"),
    responses=refuses(*SETTLE),
    summary="Turn a saving down, with the reason",
)
async def reject_saving(saving_id: UUID, body: schemas.SavingEnd, uow: Uow) -> Saving:
    return await usecases.reject_saving(uow, saving_id, body.reason)


@router.post(
    "/{saving_id}/cancel",
    response_model=schemas.SavingRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*STEP),
    summary="Give what is unused of a saving back to its item",
)
async def cancel_saving(saving_id: UUID, body: schemas.SavingEnd, uow: Uow) -> Saving:
    return await usecases.cancel_saving(uow, saving_id, body.reason)
