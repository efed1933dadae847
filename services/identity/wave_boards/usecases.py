"""What the board shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.organizations.model import OrganizationStatus
from services.identity.readiness.schemas import Readiness
from services.identity.readiness.usecases import readiness_of
from services.identity.register.queries import list_all
from services.identity.wave_boards.schemas import Board, BoardWave, Proposal, ProposedWave
from services.identity.waves.model import (
    DAYS_BETWEEN,
    WAVE_DAYS,
    BlockerStatus,
    Wave,
    WaveAssignment,
    WaveBlocker,
    WaveMilestone,
)
from services.identity.waves.queries import find_next_start, list_all_waves, list_parts


async def read_board(uow: UnitOfWork) -> Board:
    """Show every wave with its organizations' readiness, and who is in no wave."""
    assignments = {
        each.organization_id: each for each in await list_parts(uow.session, WaveAssignment)
    }
    ready: dict[UUID | None, list[Readiness]] = defaultdict(list)
    for organization in await list_all(uow.session):
        if organization.status == OrganizationStatus.retired or not organization.is_moa:
            continue
        found = assignments.get(organization.id)
        ready[found.wave_id if found else None].append(
            await readiness_of(
                uow,
                organization,
                is_trained=bool(found and found.is_trained),
                has_data=bool(found and found.data_loaded_on),
            )
        )
    milestones = _by_wave(await list_parts(uow.session, WaveMilestone))
    blockers = _by_wave(await list_parts(uow.session, WaveBlocker))
    waves = [
        _board_wave(wave, ready[wave.id], milestones[wave.id], blockers[wave.id])
        for wave in await list_all_waves(uow.session)
    ]
    return Board(waves=waves, unassigned=ready[None])


async def export_board(uow: UnitOfWork) -> Board:
    """Return the board for a file; the trail keeps that it was taken along."""
    board = await read_board(uow)
    rows = len(board.unassigned) + sum(len(wave.organizations) for wave in board.waves)
    await record(uow, "wave_board.exported", entity="wave", after={"rows": rows})
    return board


async def propose_waves(uow: UnitOfWork, places: int) -> Proposal:
    """Propose waves for who is in none, by readiness, one after the other behind the last."""
    board = await read_board(uow)
    begins = await find_next_start(uow.session, uow.today())
    number = max((wave.number for wave in board.waves), default=0)
    waves = []
    for group in grouped(board.unassigned, places):
        number += 1
        until = begins + timedelta(days=WAVE_DAYS - 1)
        waves.append(
            ProposedWave(
                number=number, planned_from=begins, planned_until=until, organizations=group
            )
        )
        begins = until + timedelta(days=DAYS_BETWEEN + 1)
    return Proposal(waves=waves)


def grouped(ready: Iterable[Readiness], places: int) -> list[list[Readiness]]:
    """Return the readiest first, and at most three fifths of a wave's places for one type."""
    left = sorted(ready, key=lambda each: (-each.percent, each.code))
    most, groups = max(1, places * 3 // 5), []
    while left:
        group: list[Readiness] = []
        taken = Counter[str]()
        for each in left:
            if len(group) < places and taken[each.org_type] < most:
                group.append(each)
                taken[each.org_type] += 1
        left = [each for each in left if each not in group]
        groups.append(group)
    return groups


def _by_wave(parts: list[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for part in parts:
        found[part.wave_id].append(part)
    return found


def _board_wave(
    wave: Wave, ready: list[Readiness], milestones: list[Any], blockers: list[Any]
) -> BoardWave:
    columns = {column.key: getattr(wave, column.key) for column in Wave.__table__.columns}
    is_open = (BlockerStatus.open, BlockerStatus.investigating)
    return BoardWave.model_validate(
        columns
        | {
            "organizations": ready,
            "milestones": milestones,
            "open_blockers": [each for each in blockers if each.status in is_open],
            "readiness": sum(each.percent for each in ready) // len(ready) if ready else 0,
        },
        from_attributes=True,
    )
