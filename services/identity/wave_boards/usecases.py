"""What the board shows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.organizations.model import OrganizationStatus
from services.identity.readiness.schemas import Readiness
from services.identity.readiness.usecases import readiness_of
from services.identity.register.queries import list_all
from services.identity.wave_boards.schemas import Board, BoardWave
from services.identity.waves.model import (
    BlockerStatus,
    Wave,
    WaveAssignment,
    WaveBlocker,
    WaveMilestone,
)
from services.identity.waves.queries import list_all_waves, list_parts


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
