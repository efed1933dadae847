"""Shapes of waves and their parts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, Strict

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, ReadShape, Remarks, Shape, Text, Title
from services.identity.waves.model import (
    MOST_ORGANIZATIONS,
    AssignmentStatus,
    BlockerStatus,
    MilestoneStatus,
    Severity,
    WaveStatus,
)

Number = Annotated[int, Strict(), Field(ge=1, le=1_000)]
Size = Annotated[int, Strict(), Field(ge=1, le=100)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class WaveCreate(Shape):
    """A wave; without dates it comes a week after the last one and takes two weeks."""

    number: Number
    name: Name
    planned_from: date | None = None
    planned_until: date | None = None
    max_organizations: Size = MOST_ORGANIZATIONS
    prerequisites: Annotated[list[UUID], Field(max_length=20, default_factory=list)]
    organization_ids: Annotated[
        list[UUID],
        Field(max_length=100, default_factory=list, description="Who is in it from the beginning."),
    ]


class WaveChange(ChangeShape):
    """What to plan anew before the wave starts."""

    name: Name = ""
    planned_from: date = date.min
    planned_until: date = date.min
    max_organizations: Size = MOST_ORGANIZATIONS
    prerequisites: Annotated[list[UUID], Field(max_length=20, default_factory=list)]


class WaveReason(Shape):
    """Why; kept in the wave's log."""

    reason: Remarks


class WaveRead(ReadShape):
    """A wave."""

    id: UUID
    version: int
    number: int
    name: str
    status: WaveStatus
    planned_from: date
    planned_until: date
    started_on: date | None
    ended_on: date | None
    paused_at: AwareDatetime | None
    max_organizations: int
    prerequisites: list[UUID]


class WavePage(Page[WaveRead]):
    """One page of waves."""


class WaveListParams(ListParams):
    """Which waves, and in which order."""

    status: WaveStatus | None = None
    sort: Literal["number", "-number"] = "number"


class AssignmentCreate(Shape):
    """Which organization joins the wave."""

    organization_id: UUID


class AssignmentChange(Shape):
    """The next step, or that its data is loaded."""

    status: AssignmentStatus | None = None
    data_loaded_on: date | None = None


class AssignmentRead(ReadShape):
    """An organization in a wave."""

    id: UUID
    version: int
    wave_id: UUID
    organization_id: UUID
    status: AssignmentStatus
    is_standing: bool
    data_loaded_on: date | None


class MilestoneCreate(Shape):
    """What the wave has to reach."""

    title: Title
    due_on: date


class MilestoneChange(Shape):
    """How the milestone is doing."""

    status: MilestoneStatus


class MilestoneRead(ReadShape):
    """A milestone."""

    id: UUID
    version: int
    title: str
    due_on: date
    status: MilestoneStatus


class BlockerCreate(Shape):
    """What is in the way, of the whole wave or of one organization."""

    title: Title
    severity: Severity
    organization_id: UUID | None = None


class BlockerChange(Shape):
    """What is being done about it."""

    status: BlockerStatus
    resolution: Text = ""


class BlockerRead(ReadShape):
    """A blocker."""

    id: UUID
    version: int
    title: str
    severity: Severity
    status: BlockerStatus
    organization_id: UUID | None
    resolution: str


class ActionRead(ReadShape):
    """A decision about a wave."""

    action: str
    reason: str
    by: UUID
    at: AwareDatetime


class WaveDetail(WaveRead):
    """A wave with all its parts."""

    assignments: list[AssignmentRead]
    milestones: list[MilestoneRead]
    blockers: list[BlockerRead]
    actions: list[ActionRead]
