"""The answer about planning."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.chassis.shapes import Money, Percent, ReadShape
from services.ocm.figures.schemas import AnswerRead, OrganizationRead


class PlanningFigures(ReadShape):
    plans_by_status: Annotated[
        dict[str, int] | None, Field(description="Strategic plans that cover the year.")
    ]
    goals_by_status: dict[str, int] | None
    goal_progress: Annotated[
        Percent | None,
        Field(description="P3: percent done of the goals of active and completed plans, weighted."),
    ]
    ppas_by_status: Annotated[dict[str, int] | None, Field(description="P6: PPAs of the year.")]
    ppas_approved_budget_amount: Annotated[
        Money | None, Field(description="Sum of the budgets that are known.")
    ]
    ppa_indicators_count: int | None


class PlanCoverage(ReadShape):
    """P1: MOAs with an approved or active strategic plan that covers the year, of all MOAs."""

    moas_with_plan: int
    of: int
    percent: Percent | None


class OrganizationPlanning(OrganizationRead, PlanningFigures):
    has_plan: Annotated[
        bool | None, Field(description="Whether an approved or active plan covers the year (P1).")
    ]


class PlanningAnswer(AnswerRead):
    plan_coverage: PlanCoverage
    organizations: list[OrganizationPlanning]
    totals: Annotated[PlanningFigures, Field(description="Over all organizations listed.")]
    moa_totals: Annotated[PlanningFigures, Field(description="Over the MOAs alone.")]
