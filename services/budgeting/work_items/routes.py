"""Work items over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.allocations.model import AllocationNotFound, AllocationNotOpen
from services.budgeting.work_items import model, queries, schemas, usecases
from services.budgeting.work_items.model import (
    AccomplishedInFuture,
    WorkItem,
    WorkItemNotFound,
    WorkItemOutOfStep,
)

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/work-items", tag="work items")

CHANGE = (WorkItemNotFound, MatchMissing, WorkItemOutOfStep)
PLAN = (model.PlanExceedsAllocation, model.QuartersNotWhole)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.work_item.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.WorkItemPage,
    dependencies=_may("read"),
    summary="List the work and financial plan",
)
async def list_work_items(
    params: Annotated[schemas.WorkItemFilter, Query()], uow: Uow
) -> Rows[WorkItem]:
    return await queries.list_work_items(uow.session, params)


@router.post(
    "",
    response_model=schemas.WorkItemRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(AllocationNotFound, AllocationNotOpen, *PLAN),
    summary="Plan a piece of work within an allocation",
)
async def create_work_item(body: schemas.WorkItemCreate, uow: Uow) -> WorkItem:
    return await usecases.create_work_item(uow, body)


@router.get(
    "/{work_item_id}",
    response_model=schemas.WorkItemRead,
    dependencies=_may("read"),
    responses=refuses(WorkItemNotFound),
    summary="Read a work item",
)
async def get_work_item(work_item_id: UUID, uow: Uow) -> WorkItem:
    return await queries.get_work_item(uow.session, work_item_id)


@router.patch(
    "/{work_item_id}",
    response_model=schemas.WorkItemRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, *PLAN),
    summary="Plan a work item otherwise",
)
async def change_work_item(work_item_id: UUID, body: schemas.WorkItemChange, uow: Uow) -> WorkItem:
    return await usecases.change_work_item(uow, work_item_id, body)


@router.post(
    "/{work_item_id}/advance",
    response_model=schemas.WorkItemRead,
    dependencies=_may_now("advance"),
    responses=refuses(*CHANGE, AccomplishedInFuture),
    summary="Say how much is accomplished",
)
async def advance_work_item(
    work_item_id: UUID, body: schemas.WorkItemAdvance, uow: Uow
) -> WorkItem:
    return await usecases.advance_work_item(uow, work_item_id, body)


@router.post(
    "/{work_item_id}/complete",
    response_model=schemas.WorkItemRead,
    dependencies=_may_now("complete"),
    responses=refuses(*CHANGE),
    summary="Say that a work item is done",
)
async def complete_work_item(work_item_id: UUID, uow: Uow) -> WorkItem:
    return await usecases.complete_work_item(uow, work_item_id)


@router.post(
    "/{work_item_id}/cancel",
    response_model=schemas.WorkItemRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*CHANGE),
    summary="Give a work item up",
)
async def cancel_work_item(work_item_id: UUID, body: schemas.WorkItemCancel, uow: Uow) -> WorkItem:
    return await usecases.cancel_work_item(uow, work_item_id, body.reason)
