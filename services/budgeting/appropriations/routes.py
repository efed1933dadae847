"""Appropriations with their items over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.act_items import model as items
from services.budgeting.act_items import schemas as item_schemas
from services.budgeting.appropriations import model, queries, schemas, usecases
from services.budgeting.appropriations.model import Appropriation, AppropriationNotFound
from services.budgeting.known_organizations.model import NO_ISSUE_FOR

router = slice_router(
    prefix="/api/v1/moa/{org_code}/budgeting/appropriations", tag="appropriations"
)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.appropriation.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (AppropriationNotFound, MatchMissing)
DRAFT = (*CHANGE, model.AppropriationNotDraft)
ITEM = "/{appropriation_id}/items/{act_item_id}"


@router.get(
    "",
    response_model=schemas.AppropriationPage,
    dependencies=_may("read"),
    summary="List acts: those in force, and one's own drafts",
)
async def list_appropriations(
    params: Annotated[schemas.AppropriationFilter, Query()], uow: Uow
) -> Rows[Appropriation]:
    return await queries.list_appropriations(uow.session, params)


@router.post(
    "",
    response_model=schemas.AppropriationRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(model.ValidityInvalid, items.ActItemExists, *NO_ISSUE_FOR),
    summary="Enter an act, with its items if they are known",
)
async def create_appropriation(body: schemas.AppropriationCreate, uow: Uow) -> Appropriation:
    return await usecases.create_appropriation(uow, body)


@router.get(
    "/{appropriation_id}",
    response_model=schemas.AppropriationRead,
    dependencies=_may("read"),
    responses=refuses(AppropriationNotFound),
    summary="Read an act with the items that concern this organization",
)
async def get_appropriation(appropriation_id: UUID, uow: Uow) -> Appropriation:
    return await queries.get_appropriation(uow.session, appropriation_id)


@router.patch(
    "/{appropriation_id}",
    response_model=schemas.AppropriationRead,
    dependencies=_may_now("change"),
    responses=refuses(*DRAFT, model.ValidityInvalid),
    summary="Edit a draft act",
)
async def change_appropriation(
    appropriation_id: UUID, body: schemas.AppropriationChange, uow: Uow
) -> Appropriation:
    return await usecases.change_appropriation(uow, appropriation_id, body)


@router.delete(
    "/{appropriation_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*DRAFT),
    summary="Delete a draft act",
)
async def delete_appropriation(appropriation_id: UUID, uow: Uow) -> None:
    await usecases.delete_appropriation(uow, appropriation_id)


@router.post(
    "/{appropriation_id}/items",
    response_model=item_schemas.ActItemRead,
    status_code=201,
    dependencies=_may("change"),
    responses=refuses(*DRAFT, items.ActItemExists, *NO_ISSUE_FOR),
    summary="Add an item to a draft act",
)
async def add_act_item(
    appropriation_id: UUID, body: item_schemas.ActItemCreate, uow: Uow
) -> items.ActItem:
    return await usecases.add_act_item(uow, appropriation_id, body)


@router.patch(
    ITEM,
    response_model=item_schemas.ActItemRead,
    dependencies=_may_now("change"),
    responses=refuses(*DRAFT, items.ActItemNotFound, items.ActItemExists),
    summary="Edit an item of a draft act",
)
async def change_act_item(
    appropriation_id: UUID, act_item_id: UUID, body: item_schemas.ActItemChange, uow: Uow
) -> items.ActItem:
    return await usecases.change_act_item(uow, appropriation_id, act_item_id, body)


@router.delete(
    ITEM,
    status_code=204,
    dependencies=_may_now("change"),
    responses=refuses(*DRAFT, items.ActItemNotFound),
    summary="Take an item out of a draft act",
)
async def delete_act_item(appropriation_id: UUID, act_item_id: UUID, uow: Uow) -> None:
    await usecases.delete_act_item(uow, appropriation_id, act_item_id)


@router.post(
    "/{appropriation_id}/enact",
    response_model=schemas.AppropriationRead,
    dependencies=_may_now("enact"),
    responses=refuses(*DRAFT, *NO_ISSUE_FOR, model.AppropriationEmpty, model.EntererMayNotEnact),
    summary="Enact what someone else entered",
)
async def enact_appropriation(appropriation_id: UUID, uow: Uow) -> Appropriation:
    return await usecases.enact_appropriation(uow, appropriation_id)


@router.post(
    "/{appropriation_id}/publish",
    response_model=schemas.AppropriationRead,
    dependencies=_may_now("publish"),
    responses=refuses(*CHANGE, model.AppropriationNotEnacted),
    summary="Note that an act was published",
)
async def publish_appropriation(appropriation_id: UUID, uow: Uow) -> Appropriation:
    return await usecases.publish_appropriation(uow, appropriation_id)


@router.post(
    "/{appropriation_id}/extend",
    response_model=schemas.AppropriationRead,
    dependencies=_may_now("extend"),
    responses=refuses(*CHANGE, model.AppropriationNotEnacted, model.ValidityInvalid),
    summary="Give an act more time by another act",
)
async def extend_appropriation(
    appropriation_id: UUID, body: schemas.AppropriationExtend, uow: Uow
) -> Appropriation:
    return await usecases.extend_appropriation(uow, appropriation_id, body)


@router.post(
    "/{appropriation_id}/lapse",
    response_model=schemas.AppropriationRead,
    dependencies=_may_now("lapse"),
    responses=refuses(*CHANGE, model.AppropriationNotEnacted, model.AppropriationStillValid),
    summary="End an act after its last day",
)
async def lapse_appropriation(appropriation_id: UUID, uow: Uow) -> Appropriation:
    return await usecases.lapse_appropriation(uow, appropriation_id)
