"""Appropriation items over HTTP: read only."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from services.budgeting.appropriation_items import queries, schemas
from services.budgeting.appropriation_items.model import (
    AppropriationItem,
    AppropriationItemNotFound,
)

router = slice_router(
    prefix="/api/v1/moa/{org_code}/budgeting/appropriation-items", tag="appropriation-items"
)

READ = [requires("budgeting.appropriation_item.read")]


@router.get(
    "",
    response_model=schemas.AppropriationItemPage,
    dependencies=READ,
    summary="List what acts give this organization",
)
async def list_appropriation_items(
    params: Annotated[schemas.AppropriationItemFilter, Query()], uow: Uow
) -> Rows[AppropriationItem]:
    return await queries.list_appropriation_items(uow.session, params)


@router.get(
    "/{appropriation_item_id}",
    response_model=schemas.AppropriationItemRead,
    dependencies=READ,
    responses=refuses(AppropriationItemNotFound),
    summary="Read an item with its balances",
)
async def get_appropriation_item(appropriation_item_id: UUID, uow: Uow) -> AppropriationItem:
    return await queries.get_appropriation_item(uow.session, appropriation_item_id)
