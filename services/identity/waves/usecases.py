"""What can be done with waves: plan, fill, start, hold, end, and lead organizations through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.organizations.model import (
    DatesContradict,
    Organization,
    OrganizationRetired,
    OrganizationStatus,
)
from services.identity.organizations.queries import get_organization
from services.identity.readiness.usecases import readiness_of
from services.identity.register.usecases import go_live_organization, onboard_organization
from services.identity.waves import events, queries
from services.identity.waves.model import (
    WAVE_DAYS,
    AssignmentStatus,
    Wave,
    WaveAction,
    WaveAssignment,
    WaveBlocker,
    WaveCircle,
    WaveFull,
    WaveMilestone,
    WaveUnfinished,
)
from services.identity.waves.schemas import (
    AssignmentChange,
    BlockerChange,
    BlockerCreate,
    MilestoneChange,
    MilestoneCreate,
    WaveChange,
    WaveCreate,
    WaveDetail,
)


async def create_wave(uow: UnitOfWork, asked: WaveCreate) -> Wave:
    """Plan a wave; without dates it follows the last one."""
    begins = asked.planned_from or await queries.find_next_start(uow.session, uow.today())
    wave = Wave(
        number=asked.number,
        name=asked.name,
        planned_from=begins,
        planned_until=asked.planned_until or begins + timedelta(days=WAVE_DAYS - 1),
        max_organizations=asked.max_organizations,
        prerequisites=list(dict.fromkeys(asked.prerequisites)),
    )
    _check_dates(wave)
    for other in wave.prerequisites:
        await queries.get_wave(uow.session, other)
    uow.session.add(wave)
    await uow.session.flush()
    await _log(uow, wave, "created", "")
    for organization_id in asked.organization_ids:
        await _put_in(uow, wave, organization_id)
    return wave


async def change_wave(uow: UnitOfWork, wave_id: UUID, change: WaveChange) -> Wave:
    """Plan a wave anew; what runs keeps its plan's name and size only."""
    wave = await _lock(uow, wave_id)
    wave.must_be_open()
    changes = change.changes()
    if "max_organizations" in changes:
        taken = await queries.count_assignments(uow.session, wave.id)
        if taken > changes["max_organizations"]:
            raise WaveFull(f"It has {taken} already.")
    if await queries.waits_for_itself(uow.session, wave.id, changes.get("prerequisites", ())):
        raise WaveCircle(pointer="/body/prerequisites")
    for name, value in changes.items():
        setattr(wave, name, value)
    _check_dates(wave)
    await uow.session.flush()
    await _log(uow, wave, "changed", "")
    return wave


async def assign_organization(
    uow: UnitOfWork, wave_id: UUID, organization_id: UUID
) -> WaveAssignment:
    """Put an organization into a wave; it can be in one wave only, and a wave can be full."""
    wave = await _lock(uow, wave_id)
    wave.must_be_open()
    return await _put_in(uow, wave, organization_id)


async def _put_in(uow: UnitOfWork, wave: Wave, organization_id: UUID) -> WaveAssignment:
    organization = await get_organization(uow.session, organization_id)
    if organization.status == OrganizationStatus.retired:
        raise OrganizationRetired
    if await queries.count_assignments(uow.session, wave.id) >= wave.max_organizations:
        raise WaveFull(f"It takes {wave.max_organizations}.")
    assignment = WaveAssignment(wave_id=wave.id, organization_id=organization.id)
    uow.session.add(assignment)
    await uow.session.flush()
    await _log(uow, wave, "assigned", organization.code)
    await _tell(uow, assignment, organization)
    return assignment


async def remove_assignment(uow: UnitOfWork, wave_id: UUID, assignment_id: UUID) -> WaveAssignment:
    """Take an organization out of a wave; it is free for another one."""
    wave = await _lock(uow, wave_id)
    wave.must_be_open()
    assignment = await queries.get_part(uow.session, WaveAssignment, wave.id, assignment_id)
    organization = await get_organization(uow.session, assignment.organization_id)
    assignment.is_standing = False
    await _log(uow, wave, "removed", organization.code)
    await _tell(uow, assignment, organization)
    return assignment


async def advance_assignment(
    uow: UnitOfWork, wave_id: UUID, assignment_id: UUID, change: AssignmentChange
) -> WaveAssignment:
    """Note an organization's next step; with the last one it goes live."""
    wave = await _lock(uow, wave_id)
    wave.must_run()
    assignment = await queries.get_part(uow.session, WaveAssignment, wave.id, assignment_id)
    organization = await get_organization(uow.session, assignment.organization_id)
    if change.data_loaded_on is not None:
        assignment.data_loaded_on = change.data_loaded_on
    if change.status is not None:
        assignment.advance(change.status)
    if change.status is AssignmentStatus.onboarding_complete:
        await _go_live(uow, organization, wave)
    await _tell(uow, assignment, organization)
    return assignment


async def start_wave(uow: UnitOfWork, wave_id: UUID, reason: str) -> Wave:
    """Begin a wave, and the onboarding of its organizations."""
    wave = await _lock(uow, wave_id)
    wave.start(uow.today(), await queries.list_unfinished(uow.session, wave.prerequisites))
    for assignment in await queries.list_parts(uow.session, WaveAssignment, wave.id):
        organization = await get_organization(uow.session, assignment.organization_id)
        if organization.status == OrganizationStatus.registered:
            await onboard_organization(uow, organization.id, f"Wave {wave.number}: {reason}")
    return await _announce(uow, wave, events.WaveStarted, reason)


async def pause_wave(uow: UnitOfWork, wave_id: UUID, reason: str) -> Wave:
    """Hold a wave; no organization takes a step meanwhile."""
    wave = await _lock(uow, wave_id)
    wave.pause(uow.now())
    return await _announce(uow, wave, events.WavePaused, reason)


async def resume_wave(uow: UnitOfWork, wave_id: UUID, reason: str) -> Wave:
    """Let a held wave go on."""
    wave = await _lock(uow, wave_id)
    wave.resume()
    return await _announce(uow, wave, events.WaveResumed, reason)


async def complete_wave(uow: UnitOfWork, wave_id: UUID, reason: str) -> Wave:
    """End a wave whose organizations are all in; the waves after it may start."""
    wave = await _lock(uow, wave_id)
    wave.complete(uow.today())
    assignments = await queries.list_parts(uow.session, WaveAssignment, wave.id)
    if any(each.status != AssignmentStatus.onboarding_complete for each in assignments):
        raise WaveUnfinished
    if await queries.count_critical(uow.session, wave.id):
        raise WaveUnfinished
    return await _announce(uow, wave, events.WaveCompleted, reason)


async def cancel_wave(uow: UnitOfWork, wave_id: UUID, reason: str) -> Wave:
    """End a wave early; its organizations are free for another one."""
    wave = await _lock(uow, wave_id)
    wave.cancel(uow.today())
    for assignment in await queries.list_parts(uow.session, WaveAssignment, wave.id):
        assignment.is_standing = False
    return await _announce(uow, wave, events.WaveCancelled, reason)


async def add_milestone(uow: UnitOfWork, wave_id: UUID, asked: MilestoneCreate) -> WaveMilestone:
    """Note what a wave has to reach, and by when."""
    wave = await queries.get_wave(uow.session, wave_id)
    milestone = WaveMilestone(wave_id=wave.id, **asked.model_dump())
    uow.session.add(milestone)
    return milestone


async def change_milestone(
    uow: UnitOfWork, wave_id: UUID, milestone_id: UUID, change: MilestoneChange
) -> WaveMilestone:
    """Note how a milestone is doing."""
    milestone = await queries.get_part(uow.session, WaveMilestone, wave_id, milestone_id)
    uow.expect(milestone)
    milestone.status = change.status.value
    return milestone


async def add_blocker(uow: UnitOfWork, wave_id: UUID, asked: BlockerCreate) -> WaveBlocker:
    """Note what is in a wave's way; a critical one keeps it from being completed."""
    wave = await queries.get_wave(uow.session, wave_id)
    if asked.organization_id is not None:
        await get_organization(uow.session, asked.organization_id)
    blocker = WaveBlocker(wave_id=wave.id, **asked.model_dump())
    uow.session.add(blocker)
    return blocker


async def change_blocker(
    uow: UnitOfWork, wave_id: UUID, blocker_id: UUID, change: BlockerChange
) -> WaveBlocker:
    """Note what is being done about a blocker."""
    blocker = await queries.get_part(uow.session, WaveBlocker, wave_id, blocker_id)
    uow.expect(blocker)
    blocker.status, blocker.resolution = change.status.value, change.resolution
    return blocker


async def read_wave(uow: UnitOfWork, wave_id: UUID) -> WaveDetail:
    """Show a wave with all its parts and its log."""
    wave = await queries.get_wave(uow.session, wave_id)
    parts = {
        name: await queries.list_parts(uow.session, model, wave.id)
        for name, model in (
            ("assignments", WaveAssignment),
            ("milestones", WaveMilestone),
            ("blockers", WaveBlocker),
        )
    }
    columns = {column.key: getattr(wave, column.key) for column in Wave.__table__.columns}
    actions = await queries.list_actions(uow.session, wave.id)
    return WaveDetail.model_validate(columns | parts | {"actions": actions}, from_attributes=True)


async def _lock(uow: UnitOfWork, wave_id: UUID) -> Wave:
    wave = await queries.get_wave(uow.session, wave_id, lock=True)
    uow.expect(wave)
    return wave


async def _go_live(uow: UnitOfWork, organization: Organization, wave: Wave) -> None:
    # What the caller expects of the wave's version is not about the organization.
    expected, uow.expected_version = uow.expected_version, None
    if organization.status != OrganizationStatus.live:
        await go_live_organization(uow, organization.id, f"Wave {wave.number}", wave=wave.number)
    uow.expected_version = expected


async def _announce(uow: UnitOfWork, wave: Wave, kind: type[events.WaveState], reason: str) -> Wave:
    await uow.session.flush()
    uow.publish(kind.model_validate(wave), of=wave)
    await _log(uow, wave, kind.subject.split(".")[2], reason)
    return wave


async def _tell(uow: UnitOfWork, assignment: WaveAssignment, organization: Organization) -> None:
    await uow.session.flush()
    state: dict[str, Any] = {
        name: getattr(assignment, name)
        for name in ("id", "wave_id", "organization_id", "status", "is_standing")
    }
    ready = await readiness_of(
        uow,
        organization,
        is_trained=assignment.is_trained,
        has_data=bool(assignment.data_loaded_on),
    )
    uow.publish(events.OnboardingStatusChanged(**state, readiness=ready.percent), of=assignment)


async def _log(uow: UnitOfWork, wave: Wave, action: str, reason: str) -> None:
    uow.session.add(
        WaveAction(
            wave_id=wave.id, action=action, reason=reason, by=uow.actor.user_id, at=uow.now()
        )
    )
    await record(uow, f"wave.{action}", entity="wave", entity_id=wave.id, reason=reason)


def _check_dates(wave: Wave) -> None:
    if wave.planned_until < wave.planned_from:
        raise DatesContradict(pointer="/body/planned_until")
