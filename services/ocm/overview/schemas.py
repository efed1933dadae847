"""The answer about everything."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.chassis.shapes import ReadShape
from services.ocm.budget_overview.schemas import BudgetFigures
from services.ocm.coordination_overview.schemas import CoordinationFigures
from services.ocm.figures.schemas import AnswerRead, Coverage, OrganizationRead
from services.ocm.needs_overview.schemas import NeedsFigures
from services.ocm.planning_overview.schemas import PlanCoverage, PlanningFigures


class ContextCoverage(ReadShape):
    planning: Coverage
    budget: Coverage
    needs: Coverage
    coordination: Coverage


class OverviewFigures(ReadShape):
    planning: Annotated[
        PlanningFigures | None, Field(description="Null when nothing of it was reported.")
    ]
    budget: BudgetFigures | None
    needs: NeedsFigures | None
    coordination: CoordinationFigures | None


class OrganizationOverview(OrganizationRead, OverviewFigures):
    has_plan: Annotated[
        bool | None, Field(description="Whether an approved or active plan covers the year (P1).")
    ]


class OverviewAnswer(AnswerRead):
    coverage_by_context: ContextCoverage
    plan_coverage: PlanCoverage
    organizations: list[OrganizationOverview]
    totals: Annotated[OverviewFigures, Field(description="Over all organizations listed.")]
    moa_totals: Annotated[OverviewFigures, Field(description="Over the MOAs alone.")]
