"""Partnerships over HTTP: reading for all who may know of them, and the lead's verbs."""

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
from services.coordination.activities.model import PartnershipActivity
from services.coordination.inter_moa_partnerships import queries, schemas, usecases
from services.coordination.inter_moa_partnerships.model import InterMoaPartnership
from services.coordination.inter_moa_partnerships.schemas import PartnershipFull
from services.coordination.partnership_states import model as states
from services.coordination.partnership_states.model import NotTheLead, PartnershipNotFound

router = slice_router(
    prefix="/api/v1/moa/{org_code}/coordination/inter-moa-partnerships",
    tag="inter-MOA partnerships",
)

CHANGE = (PartnershipNotFound, NotTheLead, MatchMissing, Stale)


def _may(verb: str) -> list[Any]:
    return [requires(f"coordination.inter_moa_partnership.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "",
    response_model=schemas.PartnershipPage,
    dependencies=_may("read"),
    summary="List partnerships that you lead, joined, are invited to, or that are public",
)
async def list_partnerships(
    params: Annotated[schemas.PartnershipFilter, Query()], uow: Uow
) -> Rows[InterMoaPartnership]:
    return await queries.list_partnerships(uow.session, params)


@router.post(
    "",
    response_model=PartnershipFull,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(states.DatesReversed),
    summary="Begin a partnership that your organization leads",
)
async def create_partnership(body: schemas.PartnershipCreate, uow: Uow) -> InterMoaPartnership:
    return await usecases.create_partnership(uow, body)


@router.get(
    "/{partnership_id}",
    response_model=schemas.PartnershipRead,
    dependencies=_may("read"),
    responses=refuses(PartnershipNotFound),
    summary="Read a partnership, as far as you may see it",
)
async def get_partnership(partnership_id: UUID, uow: Uow) -> InterMoaPartnership:
    return await queries.get_partnership(uow.session, partnership_id)


@router.get(
    "/{partnership_id}/activities",
    response_model=schemas.ActivityPage,
    dependencies=_may("read"),
    responses=refuses(PartnershipNotFound, states.NotTakingPart),
    summary="Read the timeline of a partnership that you lead or joined",
)
async def list_activities(
    partnership_id: UUID, params: Annotated[schemas.ActivityFilter, Query()], uow: Uow
) -> Rows[PartnershipActivity]:
    return await queries.list_activities(uow.session, partnership_id, params)


@router.patch(
    "/{partnership_id}",
    response_model=PartnershipFull,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, states.PartnershipNotDraft, states.DatesReversed),
    summary="Edit a draft",
)
async def change_partnership(
    partnership_id: UUID, body: schemas.PartnershipChange, uow: Uow
) -> InterMoaPartnership:
    return await usecases.change_partnership(uow, partnership_id, body)


@router.delete(
    "/{partnership_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*CHANGE, states.PartnershipNotDeletable),
    summary="Delete a draft that was never submitted",
)
async def delete_partnership(partnership_id: UUID, uow: Uow) -> None:
    await usecases.delete_partnership(uow, partnership_id)


@router.post(
    "/{partnership_id}/submit",
    response_model=PartnershipFull,
    dependencies=_may_now("submit"),
    responses=refuses(*CHANGE, states.PartnershipNotDraft, states.PartnershipIncomplete),
    summary="Fix the terms and send the invitations",
)
async def submit_partnership(partnership_id: UUID, uow: Uow) -> InterMoaPartnership:
    return await usecases.submit_partnership(uow, partnership_id)


@router.post(
    "/{partnership_id}/return",
    response_model=PartnershipFull,
    dependencies=_may_now("return"),
    responses=refuses(*CHANGE, states.PartnershipNotPending),
    summary="Open the terms of a partnership that waits for approval",
)
async def return_partnership(
    partnership_id: UUID, body: schemas.PartnershipReturn, uow: Uow
) -> InterMoaPartnership:
    return await usecases.return_partnership(uow, partnership_id, body.remarks)


@router.post(
    "/{partnership_id}/activate",
    response_model=PartnershipFull,
    dependencies=_may_now("activate"),
    responses=refuses(
        *CHANGE,
        states.PartnershipNotPending,
        states.CreatorMayNotActivate,
        states.OcmApprovalAwaited,
        states.InvitationsWaiting,
        states.ParticipantsMissing,
    ),
    summary="Begin the work, as someone other than its creator",
)
async def activate_partnership(partnership_id: UUID, uow: Uow) -> InterMoaPartnership:
    return await usecases.activate_partnership(uow, partnership_id)


@router.post(
    "/{partnership_id}/hold",
    response_model=PartnershipFull,
    dependencies=_may_now("hold"),
    responses=refuses(*CHANGE, states.PartnershipNotActive),
    summary="Interrupt active work",
)
async def hold_partnership(
    partnership_id: UUID, body: schemas.PartnershipHold, uow: Uow
) -> InterMoaPartnership:
    return await usecases.hold_partnership(uow, partnership_id, body.reason)


@router.post(
    "/{partnership_id}/resume",
    response_model=PartnershipFull,
    dependencies=_may_now("resume"),
    responses=refuses(*CHANGE, states.PartnershipNotOnHold, states.ParticipantsMissing),
    summary="Take interrupted work up again",
)
async def resume_partnership(partnership_id: UUID, uow: Uow) -> InterMoaPartnership:
    return await usecases.resume_partnership(uow, partnership_id)


@router.post(
    "/{partnership_id}/complete",
    response_model=PartnershipFull,
    dependencies=_may_now("complete"),
    responses=refuses(*CHANGE, states.PartnershipNotActive),
    summary="End active work with its outcome",
)
async def complete_partnership(
    partnership_id: UUID, body: schemas.PartnershipComplete, uow: Uow
) -> InterMoaPartnership:
    return await usecases.complete_partnership(uow, partnership_id, body.outcome_report)


@router.post(
    "/{partnership_id}/terminate",
    response_model=PartnershipFull,
    dependencies=_may_now("terminate"),
    responses=refuses(*CHANGE, states.PartnershipClosed),
    summary="End a partnership before its time",
)
async def terminate_partnership(
    partnership_id: UUID, body: schemas.PartnershipTerminate, uow: Uow
) -> InterMoaPartnership:
    return await usecases.terminate_partnership(uow, partnership_id, body.reason)
