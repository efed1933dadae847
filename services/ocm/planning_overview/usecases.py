"""What all organizations planned, put together."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.ocm.figures.model import Cells, percent
from services.ocm.figures.queries import CellSelect
from services.ocm.figures.usecases import Consolidation, consolidate, year_of
from services.ocm.known_ppas.queries import select_ppa_cells
from services.ocm.known_strategic_plans.model import IN_FORCE
from services.ocm.known_strategic_plans.queries import select_plan_cells
from services.ocm.planning_overview.schemas import (
    OrganizationPlanning,
    PlanCoverage,
    PlanningAnswer,
    PlanningFigures,
)

SOURCES = ("identity", "planning")
MEASURES = ("plan", "ppa")


async def consolidate_planning(uow: UnitOfWork, fiscal_year: int | None) -> PlanningAnswer:
    """Show who has a plan, how far its goals are, and which PPAs stand behind it."""
    year = year_of(uow, fiscal_year)
    found = await consolidate(uow, year, SOURCES, select_planning_cells(year))
    return PlanningAnswer(
        **found.head,
        plan_coverage=plan_coverage(found),
        organizations=[
            OrganizationPlanning(
                **each.head, **dict(planning_figures(each.cells)), has_plan=has_plan(each.cells)
            )
            for each in found.reporters
        ],
        totals=planning_figures(found.total()),
        moa_totals=planning_figures(found.total(moas_only=True)),
    )


def select_planning_cells(fiscal_year: int) -> list[CellSelect]:
    """Return the selects of all planning measures of one year."""
    return [*select_plan_cells(fiscal_year), *select_ppa_cells(fiscal_year)]


def has_plan(cells: Cells) -> bool | None:
    """P1 for one organization: an approved or active plan covers the year."""
    in_force = cells.count("plan", IN_FORCE)
    return None if in_force is None else in_force > 0


def plan_coverage(found: Consolidation) -> PlanCoverage:
    """P1: MOAs with an approved or active strategic plan covering t / live MOAs."""
    covered = sum(bool(has_plan(each.cells)) for each in found.moas)
    return PlanCoverage(
        moas_with_plan=covered, of=len(found.moas), percent=percent(covered, len(found.moas))
    )


def planning_figures(cells: Cells) -> PlanningFigures:
    """P3: sum(weight*goal %)/sum(weight), of all goals together; P6: PPA count by state."""
    progress, weight = cells.amount("progress"), cells.other("progress")
    indicators = cells.other("ppa")
    return PlanningFigures(
        plans_by_status=cells.counts("plan"),
        goals_by_status=cells.counts("goal"),
        goal_progress=None if not weight else percent(progress, weight * 100),
        ppas_by_status=cells.counts("ppa"),
        ppas_approved_budget_amount=cells.amount("ppa"),
        ppa_indicators_count=None if indicators is None else int(indicators),
    )
