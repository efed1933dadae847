"""Waves over HTTP, for those who lead the rollout."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import both, refuses
from libs.refusals import Stale
from services.identity.organizations.model import (
    DatesContradict,
    OrganizationNotFound,
    OrganizationRetired,
    OrganizationStatusWrong,
)
from services.identity.register.usecases import AdministratorMissing
from services.identity.waves import model, queries, schemas, usecases
from services.identity.waves.model import Wave, WaveAssignment, WaveBlocker, WaveMilestone

router = slice_router(prefix="/api/v1/identity/waves", tag="waves")

STEPS = refuses(model.WaveNotFound, model.WaveStatusWrong, Stale)


@router.get(
    "",
    response_model=schemas.WavePage,
    dependencies=[requires("identity.wave.read")],
    summary="List the waves",
)
async def list_waves(params: Annotated[schemas.WaveListParams, Query()], uow: Uow) -> Rows[Wave]:  # type: ignore[type-var]  # pages like a tenant's row, without RLS
    return await queries.list_waves(uow.session, params)


@router.post(
    "",
    response_model=schemas.WaveRead,
    status_code=201,
    dependencies=[requires("identity.wave.create")],
    responses=refuses(model.WaveNotFound, DatesContradict),
    summary="Plan a wave",
)
async def create_wave(body: schemas.WaveCreate, uow: Uow) -> Wave:
    return await usecases.create_wave(uow, body)


@router.get(
    "/{wave_id}",
    response_model=schemas.WaveDetail,
    dependencies=[requires("identity.wave.read")],
    responses=refuses(model.WaveNotFound),
    summary="Read a wave with all its parts and its log",
)
async def get_wave(wave_id: UUID, uow: Uow) -> schemas.WaveDetail:
    return await usecases.read_wave(uow, wave_id)


@router.patch(
    "/{wave_id}",
    response_model=schemas.WaveRead,
    dependencies=[requires("identity.wave.change"), match_required],
    responses=both(STEPS, refuses(model.WaveFull, model.WaveCircle, DatesContradict, MatchMissing)),
    summary="Plan a wave anew",
)
async def change_wave(wave_id: UUID, body: schemas.WaveChange, uow: Uow) -> Wave:
    return await usecases.change_wave(uow, wave_id, body)


@router.post(
    "/{wave_id}/start",
    response_model=schemas.WaveRead,
    dependencies=[requires("identity.wave.start")],
    responses=both(STEPS, refuses(model.WaveTooEarly)),
    summary="Begin a wave and the onboarding of its organizations",
)
async def start_wave(wave_id: UUID, body: schemas.WaveReason, uow: Uow) -> Wave:
    return await usecases.start_wave(uow, wave_id, body.reason)


@router.post(
    "/{wave_id}/pause",
    response_model=schemas.WaveRead,
    dependencies=[requires("identity.wave.pause")],
    responses=STEPS,
    summary="Hold a wave",
)
async def pause_wave(wave_id: UUID, body: schemas.WaveReason, uow: Uow) -> Wave:
    return await usecases.pause_wave(uow, wave_id, body.reason)


@router.post(
    "/{wave_id}/resume",
    response_model=schemas.WaveRead,
    dependencies=[requires("identity.wave.resume")],
    responses=STEPS,
    summary="Let a held wave go on",
)
async def resume_wave(wave_id: UUID, body: schemas.WaveReason, uow: Uow) -> Wave:
    return await usecases.resume_wave(uow, wave_id, body.reason)


@router.post(
    "/{wave_id}/complete",
    response_model=schemas.WaveRead,
    dependencies=[requires("identity.wave.complete")],
    responses=both(STEPS, refuses(model.WaveUnfinished)),
    summary="End a wave whose organizations are all in",
)
async def complete_wave(wave_id: UUID, body: schemas.WaveReason, uow: Uow) -> Wave:
    return await usecases.complete_wave(uow, wave_id, body.reason)


@router.post(
    "/{wave_id}/cancel",
    response_model=schemas.WaveRead,
    dependencies=[requires("identity.wave.cancel")],
    responses=STEPS,
    summary="End a wave early",
)
async def cancel_wave(wave_id: UUID, body: schemas.WaveReason, uow: Uow) -> Wave:
    return await usecases.cancel_wave(uow, wave_id, body.reason)


@router.post(
    "/{wave_id}/assignments",
    response_model=schemas.AssignmentRead,
    status_code=201,
    dependencies=[requires("identity.wave.assign")],
    responses=both(STEPS, refuses(model.WaveFull, OrganizationNotFound, OrganizationRetired)),
    summary="Put an organization into a wave",
)
async def assign_organization(
    wave_id: UUID, body: schemas.AssignmentCreate, uow: Uow
) -> WaveAssignment:
    return await usecases.assign_organization(uow, wave_id, body.organization_id)


@router.post(
    "/{wave_id}/assignments/{assignment_id}/remove",
    response_model=schemas.AssignmentRead,
    dependencies=[requires("identity.wave.remove")],
    responses=STEPS,
    summary="Take an organization out of a wave",
)
async def remove_assignment(wave_id: UUID, assignment_id: UUID, uow: Uow) -> WaveAssignment:
    return await usecases.remove_assignment(uow, wave_id, assignment_id)


@router.post(
    "/{wave_id}/assignments/{assignment_id}/advance",
    response_model=schemas.AssignmentRead,
    dependencies=[requires("identity.wave.advance")],
    responses=both(
        STEPS,
        refuses(
            model.StepSkipped,
            AdministratorMissing,
            OrganizationStatusWrong,
            OrganizationRetired,
            DatesContradict,
        ),
    ),
    summary="Note an organization's next step; with the last one it goes live",
)
async def advance_assignment(
    wave_id: UUID, assignment_id: UUID, body: schemas.AssignmentChange, uow: Uow
) -> WaveAssignment:
    return await usecases.advance_assignment(uow, wave_id, assignment_id, body)


@router.post(
    "/{wave_id}/milestones",
    response_model=schemas.MilestoneRead,
    status_code=201,
    dependencies=[requires("identity.wave.change")],
    responses=refuses(model.WaveNotFound),
    summary="Add a milestone to a wave",
)
async def add_milestone(wave_id: UUID, body: schemas.MilestoneCreate, uow: Uow) -> WaveMilestone:
    return await usecases.add_milestone(uow, wave_id, body)


@router.patch(
    "/{wave_id}/milestones/{milestone_id}",
    response_model=schemas.MilestoneRead,
    dependencies=[requires("identity.wave.change"), match_required],
    responses=refuses(model.WaveNotFound, MatchMissing, Stale),
    summary="Say how a milestone is doing",
)
async def change_milestone(
    wave_id: UUID, milestone_id: UUID, body: schemas.MilestoneChange, uow: Uow
) -> WaveMilestone:
    return await usecases.change_milestone(uow, wave_id, milestone_id, body)


@router.post(
    "/{wave_id}/blockers",
    response_model=schemas.BlockerRead,
    status_code=201,
    dependencies=[requires("identity.wave.change")],
    responses=refuses(model.WaveNotFound, OrganizationNotFound),
    summary="Add a blocker to a wave",
)
async def add_blocker(wave_id: UUID, body: schemas.BlockerCreate, uow: Uow) -> WaveBlocker:
    return await usecases.add_blocker(uow, wave_id, body)


@router.patch(
    "/{wave_id}/blockers/{blocker_id}",
    response_model=schemas.BlockerRead,
    dependencies=[requires("identity.wave.change"), match_required],
    responses=refuses(model.WaveNotFound, MatchMissing, Stale),
    summary="Say how a blocker is doing",
)
async def change_blocker(
    wave_id: UUID, blocker_id: UUID, body: schemas.BlockerChange, uow: Uow
) -> WaveBlocker:
    return await usecases.change_blocker(uow, wave_id, blocker_id, body)
