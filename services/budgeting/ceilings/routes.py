"""Ceilings over HTTP: the issuer's verbs, and reading for whom they concern."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.budget_calls.model import BudgetCallNotFound
from services.budgeting.ceilings import model, queries, schemas, usecases
from services.budgeting.ceilings.model import Ceiling, CeilingNotFound
from services.budgeting.known_organizations.model import NO_ISSUE_FOR

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/ceilings", tag="ceilings")


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.ceiling.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (CeilingNotFound, MatchMissing)


@router.get(
    "",
    response_model=schemas.CeilingPage,
    dependencies=_may("read"),
    summary="List ceilings: one's own as issuer, and those that concern this organization",
)
async def list_ceilings(
    params: Annotated[schemas.CeilingFilter, Query()], uow: Uow
) -> Rows[Ceiling]:
    return await queries.list_ceilings(uow.session, params)


@router.post(
    "",
    response_model=schemas.CeilingRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(
        BudgetCallNotFound, model.CeilingExists, model.CeilingBelowUse, *NO_ISSUE_FOR
    ),
    summary="Set a ceiling",
)
async def create_ceiling(body: schemas.CeilingCreate, uow: Uow) -> Ceiling:
    return await usecases.create_ceiling(uow, body)


@router.get(
    "/{ceiling_id}",
    response_model=schemas.CeilingRead,
    dependencies=_may("read"),
    responses=refuses(CeilingNotFound),
    summary="Read a ceiling with what is used of it",
)
async def get_ceiling(ceiling_id: UUID, uow: Uow) -> Ceiling:
    return await queries.get_ceiling(uow.session, ceiling_id)


@router.patch(
    "/{ceiling_id}",
    response_model=schemas.CeilingRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, model.CeilingBelowUse),
    summary="Move a ceiling",
)
async def change_ceiling(ceiling_id: UUID, body: schemas.CeilingChange, uow: Uow) -> Ceiling:
    return await usecases.change_ceiling(uow, ceiling_id, body)


@router.delete(
    "/{ceiling_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*CHANGE),
    summary="Take a ceiling away",
)
async def delete_ceiling(ceiling_id: UUID, uow: Uow) -> None:
    await usecases.delete_ceiling(uow, ceiling_id)
