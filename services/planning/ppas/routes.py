"""PPAs over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.planning.ppas import model, queries, schemas, usecases
from services.planning.ppas.model import Ppa, PpaNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/planning/ppas", tag="PPAs")


def _may(verb: str) -> list[Any]:
    return [requires(f"planning.ppa.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (PpaNotFound, MatchMissing, Stale)


@router.get("", response_model=schemas.PpaPage, dependencies=_may("read"), summary="List PPAs")
async def list_ppas(params: Annotated[schemas.PpaFilter, Query()], uow: Uow) -> Rows[Ppa]:
    return await queries.list_ppas(uow.session, params)


@router.post(
    "",
    response_model=schemas.PpaRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(model.PpaCodeTaken),
    summary="Put a PPA into the register, with its indicators if they are known",
)
async def create_ppa(body: schemas.PpaCreate, uow: Uow) -> Ppa:
    return await usecases.create_ppa(uow, body)


@router.get(
    "/{ppa_id}",
    response_model=schemas.PpaRead,
    dependencies=_may("read"),
    responses=refuses(PpaNotFound),
    summary="Read a PPA with its indicators",
)
async def get_ppa(ppa_id: UUID, uow: Uow) -> Ppa:
    return await queries.get_ppa(uow.session, ppa_id)


@router.patch(
    "/{ppa_id}",
    response_model=schemas.PpaRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, model.PpaNotInPlanning),
    summary="Edit a PPA in planning; indicators replace all that were",
)
async def change_ppa(ppa_id: UUID, body: schemas.PpaChange, uow: Uow) -> Ppa:
    return await usecases.change_ppa(uow, ppa_id, body)


@router.delete(
    "/{ppa_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*CHANGE, model.PpaNotInPlanning),
    summary="Take a PPA in planning out of the register",
)
async def delete_ppa(ppa_id: UUID, uow: Uow) -> None:
    await usecases.delete_ppa(uow, ppa_id)


@router.post(
    "/{ppa_id}/advance",
    response_model=schemas.PpaRead,
    dependencies=_may_now("advance"),
    responses=refuses(*CHANGE, model.PpaNotInPlanning, model.PpaNotFunded, model.PpaYearNotBegun),
    summary="Begin the work of a funded PPA in its fiscal year",
)
async def advance_ppa(ppa_id: UUID, uow: Uow) -> Ppa:
    return await usecases.advance_ppa(uow, ppa_id)


@router.post(
    "/{ppa_id}/hold",
    response_model=schemas.PpaRead,
    dependencies=_may_now("hold"),
    responses=refuses(*CHANGE, model.PpaNotOngoing),
    summary="Interrupt the work, with a reason",
)
async def hold_ppa(ppa_id: UUID, body: schemas.PpaReason, uow: Uow) -> Ppa:
    return await usecases.hold_ppa(uow, ppa_id, body.reason)


@router.post(
    "/{ppa_id}/resume",
    response_model=schemas.PpaRead,
    dependencies=_may_now("resume"),
    responses=refuses(*CHANGE, model.PpaNotOnHold),
    summary="Go on with work that was on hold",
)
async def resume_ppa(ppa_id: UUID, uow: Uow) -> Ppa:
    return await usecases.resume_ppa(uow, ppa_id)


@router.post(
    "/{ppa_id}/complete",
    response_model=schemas.PpaRead,
    dependencies=_may_now("complete"),
    responses=refuses(*CHANGE, model.PpaNotOngoing, model.EndNotValid),
    summary="Record that the work is done, and when it ended",
)
async def complete_ppa(ppa_id: UUID, body: schemas.PpaComplete, uow: Uow) -> Ppa:
    return await usecases.complete_ppa(uow, ppa_id, body.actual_end_on)


@router.post(
    "/{ppa_id}/reopen",
    response_model=schemas.PpaRead,
    dependencies=_may_now("reopen"),
    responses=refuses(*CHANGE, model.PpaNotCompleted),
    summary="Take completed work up again, with a reason",
)
async def reopen_ppa(ppa_id: UUID, body: schemas.PpaReason, uow: Uow) -> Ppa:
    return await usecases.reopen_ppa(uow, ppa_id, body.reason)


@router.post(
    "/{ppa_id}/cancel",
    response_model=schemas.PpaRead,
    dependencies=_may_now("cancel"),
    responses=refuses(*CHANGE, model.PpaClosed),
    summary="Give a PPA up, with a reason",
)
async def cancel_ppa(ppa_id: UUID, body: schemas.PpaReason, uow: Uow) -> Ppa:
    return await usecases.cancel_ppa(uow, ppa_id, body.reason)
