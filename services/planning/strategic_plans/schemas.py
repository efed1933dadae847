"""Shapes of strategic plans, goals and readings over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, Strict

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import (
    ChangeShape,
    Decimal2,
    Percent,
    PercentIn,
    ReadShape,
    RecordRead,
    Remarks,
    Shape,
    Text,
    Title,
)
from services.planning.goals.model import GoalPriority, GoalStatus
from services.planning.progress.model import Band
from services.planning.strategic_plans.model import EARLIEST_YEAR, LATEST_YEAR, PlanStatus

Year = Annotated[int, Strict(), Field(ge=EARLIEST_YEAR, le=LATEST_YEAR, examples=[2025])]
ShortText = Annotated[str, Field(max_length=255)]


class GoalCreate(Shape):
    title: Title
    description: Text = ""
    target_metric: ShortText = ""
    unit: ShortText = ""
    baseline_value: Decimal2 | None = None
    target_value: Annotated[Decimal2, Field(gt=0)] | None = None
    priority: GoalPriority = GoalPriority.medium
    weight: PercentIn | None = None


class GoalChange(ChangeShape):
    title: Title = ""
    description: Text = ""
    target_metric: ShortText = ""
    unit: ShortText = ""
    baseline_value: Decimal2 | None = None
    target_value: Annotated[Decimal2, Field(gt=0)] | None = None
    priority: GoalPriority = GoalPriority.medium
    weight: PercentIn | None = None
    status: GoalStatus = GoalStatus.not_started
    status_reason: Text = ""


class GoalRead(RecordRead):
    plan_id: UUID
    title: str
    description: str
    display_order: int
    target_metric: str
    unit: str
    baseline_value: Decimal2 | None
    target_value: Decimal2 | None
    current_value: Decimal2 | None
    priority: GoalPriority
    status: GoalStatus
    status_reason: str
    weight: Percent | None
    progress: Percent


class ReadingCreate(Shape):
    measured_on: date
    value: Decimal2
    note: Text = ""


class ReadingRead(ReadShape):
    id: UUID
    goal_id: UUID
    measured_on: date
    value: Decimal2
    note: str
    created_by: UUID
    created_at: AwareDatetime


class PlanCreate(Shape):
    title: Title
    start_year: Year
    end_year: Year
    vision: Text = ""
    mission: Text = ""
    goals: Annotated[list[GoalCreate], Field(max_length=50, default_factory=list)]


class PlanChange(ChangeShape):
    title: Title = ""
    start_year: Year = EARLIEST_YEAR
    end_year: Year = EARLIEST_YEAR
    vision: Text = ""
    mission: Text = ""


class PlanReturn(Shape):
    remarks: Remarks


class PlanComplete(Shape):
    note: Remarks


class PlanSummary(RecordRead):
    title: str
    start_year: int
    end_year: int
    plan_years: int
    status: PlanStatus
    goals_count: int
    overall_progress: Percent | None
    on_track: Band | None
    submitted_at: AwareDatetime | None
    approved_at: AwareDatetime | None


class PlanRead(PlanSummary):
    vision: str
    mission: str
    remarks: str
    warnings: list[str]
    submitted_by: UUID | None
    approved_by: UUID | None
    goals: list[GoalRead]


class PlanPage(Page[PlanSummary]):
    pass


class ReadingPage(Page[ReadingRead]):
    pass


class PlanFilter(ListParams):
    status: PlanStatus | None = None
    year: Annotated[
        int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR, description="Plans covering this year.")
    ] = None
    sort: Literal["created_at", "-created_at", "title", "-title", "start_year", "-start_year"] = (
        "-created_at"
    )


class ReadingFilter(ListParams):
    sort: Literal["measured_on", "-measured_on"] = "-measured_on"
