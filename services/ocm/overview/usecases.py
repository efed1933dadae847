"""Everything of all organizations, put together."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.ocm.budget_overview import usecases as budget
from services.ocm.coordination_overview import usecases as coordination
from services.ocm.figures.model import Cells
from services.ocm.figures.usecases import consolidate, year_of
from services.ocm.known_partnerships.queries import select_partnership_cells
from services.ocm.needs_overview import usecases as needs
from services.ocm.overview.schemas import (
    ContextCoverage,
    OrganizationOverview,
    OverviewAnswer,
    OverviewFigures,
)
from services.ocm.planning_overview import usecases as planning

SOURCES = ("identity", "planning", "budgeting", "mana", "coordination")


async def consolidate_overview(uow: UnitOfWork, fiscal_year: int | None) -> OverviewAnswer:
    """Show the figures of all contexts by organization: the same as each page shows alone."""
    year = year_of(uow, fiscal_year)
    selects = [
        *planning.select_planning_cells(year),
        *budget.select_budget_cells(year, uow.today()),
        *needs.select_needs_cells(uow, year),
        *select_partnership_cells(year),
    ]
    found = await consolidate(uow, year, SOURCES, selects)
    return OverviewAnswer(
        **found.head,
        coverage_by_context=ContextCoverage(
            planning=found.coverage(*planning.MEASURES),
            budget=found.coverage(*budget.MEASURES),
            needs=found.coverage(*needs.MEASURES),
            coordination=found.coverage(*coordination.MEASURES),
        ),
        plan_coverage=planning.plan_coverage(found),
        organizations=[
            OrganizationOverview(
                **each.head, **dict(_figures(each.cells)), has_plan=planning.has_plan(each.cells)
            )
            for each in found.reporters
        ],
        totals=_figures(found.total()),
        moa_totals=_figures(found.total(moas_only=True)),
    )


def _figures(cells: Cells) -> OverviewFigures:
    def told(measures: tuple[str, ...]) -> bool:
        return any(cells.has(measure) for measure in measures)

    return OverviewFigures(
        planning=planning.planning_figures(cells) if told(planning.MEASURES) else None,
        budget=budget.budget_figures(cells) if told(budget.MEASURES) else None,
        needs=needs.needs_figures(cells) if told(needs.MEASURES) else None,
        coordination=(
            coordination.coordination_figures(cells) if told(coordination.MEASURES) else None
        ),
    )
