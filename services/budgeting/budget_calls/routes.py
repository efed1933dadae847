"""Budget calls over HTTP: the issuer's verbs, and reading for everybody."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.budget_calls import model, queries, schemas, usecases
from services.budgeting.budget_calls.model import BudgetCall, BudgetCallNotFound, CallExtension
from services.budgeting.fiscal_years.model import FiscalYearNotOpen
from services.budgeting.known_organizations.model import NO_ISSUE_FOR

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/budget-calls", tag="budget-calls")


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.budget_call.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (BudgetCallNotFound, MatchMissing)


@router.get(
    "",
    response_model=schemas.BudgetCallPage,
    dependencies=_may("read"),
    summary="List budget calls: issued ones, and one's own drafts",
)
async def list_budget_calls(
    params: Annotated[schemas.BudgetCallFilter, Query()], uow: Uow
) -> Rows[BudgetCall]:
    return await queries.list_budget_calls(uow.session, params)


@router.post(
    "",
    response_model=schemas.BudgetCallRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(FiscalYearNotOpen),
    summary="Begin a budget call",
)
async def create_budget_call(body: schemas.BudgetCallCreate, uow: Uow) -> BudgetCall:
    return await usecases.create_budget_call(uow, body)


@router.get(
    "/{budget_call_id}",
    response_model=schemas.BudgetCallRead,
    dependencies=_may("read"),
    responses=refuses(BudgetCallNotFound),
    summary="Read a budget call",
)
async def get_budget_call(budget_call_id: UUID, uow: Uow) -> BudgetCall:
    return await queries.get_budget_call(uow.session, budget_call_id)


@router.patch(
    "/{budget_call_id}",
    response_model=schemas.BudgetCallRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, model.BudgetCallNotDraft),
    summary="Edit a draft budget call",
)
async def change_budget_call(
    budget_call_id: UUID, body: schemas.BudgetCallChange, uow: Uow
) -> BudgetCall:
    return await usecases.change_budget_call(uow, budget_call_id, body)


@router.delete(
    "/{budget_call_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*CHANGE, model.BudgetCallNotDraft),
    summary="Delete a draft budget call",
)
async def delete_budget_call(budget_call_id: UUID, uow: Uow) -> None:
    await usecases.delete_budget_call(uow, budget_call_id)


@router.post(
    "/{budget_call_id}/open",
    response_model=schemas.BudgetCallRead,
    dependencies=_may_now("open"),
    responses=refuses(*CHANGE, model.BudgetCallNotDraft, model.BudgetCallExists),
    summary="Issue a budget call to every organization",
)
async def open_budget_call(budget_call_id: UUID, uow: Uow) -> BudgetCall:
    return await usecases.open_budget_call(uow, budget_call_id)


@router.post(
    "/{budget_call_id}/close",
    response_model=schemas.BudgetCallRead,
    dependencies=_may_now("close"),
    responses=refuses(*CHANGE, model.BudgetCallNotOpen),
    summary="End a budget call",
)
async def close_budget_call(budget_call_id: UUID, uow: Uow) -> BudgetCall:
    return await usecases.close_budget_call(uow, budget_call_id)


@router.post(
    "/{budget_call_id}/archive",
    response_model=schemas.BudgetCallRead,
    dependencies=_may_now("archive"),
    responses=refuses(*CHANGE, model.BudgetCallNotClosed),
    summary="Put a closed budget call away",
)
async def archive_budget_call(budget_call_id: UUID, uow: Uow) -> BudgetCall:
    return await usecases.archive_budget_call(uow, budget_call_id)


@router.get(
    "/{budget_call_id}/extensions",
    response_model=schemas.ExtensionPage,
    dependencies=_may("read"),
    responses=refuses(BudgetCallNotFound),
    summary="List the extensions of a budget call that concern this organization",
)
async def list_extensions(
    budget_call_id: UUID, params: Annotated[schemas.ExtensionFilter, Query()], uow: Uow
) -> Rows[CallExtension]:
    return await queries.list_extensions(uow.session, budget_call_id, params)


@router.post(
    "/{budget_call_id}/extensions",
    response_model=schemas.ExtensionRead,
    status_code=201,
    dependencies=_may("extend"),
    responses=refuses(
        BudgetCallNotFound, model.BudgetCallNotOpen, model.ExtensionNotLater, *NO_ISSUE_FOR
    ),
    summary="Give one organization more time",
)
async def extend_budget_call(
    budget_call_id: UUID, body: schemas.ExtensionCreate, uow: Uow
) -> CallExtension:
    return await usecases.extend_budget_call(uow, budget_call_id, body)
