"""What all organizations assess, put together."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.ocm.figures.model import Cells
from services.ocm.figures.queries import CellSelect
from services.ocm.figures.usecases import consolidate, year_of
from services.ocm.known_assessments.queries import select_assessment_cells
from services.ocm.needs_overview.schemas import NeedsAnswer, NeedsFigures, OrganizationNeeds

SOURCES = ("identity", "mana")
MEASURES = ("assessment",)


async def consolidate_needs(uow: UnitOfWork, fiscal_year: int | None) -> NeedsAnswer:
    """Show which assessments run, at which level, and which are late."""
    year = year_of(uow, fiscal_year)
    found = await consolidate(uow, year, SOURCES, select_needs_cells(uow, year))
    return NeedsAnswer(
        **found.head,
        organizations=[
            OrganizationNeeds(**each.head, **dict(needs_figures(each.cells)))
            for each in found.reporters
        ],
        totals=needs_figures(found.total()),
        moa_totals=needs_figures(found.total(moas_only=True)),
    )


def select_needs_cells(uow: UnitOfWork, fiscal_year: int) -> list[CellSelect]:
    """Return the selects of all needs measures of one year, late as of today in Manila."""
    return select_assessment_cells(fiscal_year, uow.today())


def needs_figures(cells: Cells) -> NeedsFigures:
    """Count by state and level (N5 counts the same assessments); overdue is mana's own rule."""
    is_told = cells.has("assessment")
    kept = [status for status in cells.keys("assessment") if status != "cancelled"]
    return NeedsFigures(
        assessments_by_status=cells.counts("assessment"),
        assessments_by_level=cells.counts("level"),
        assessments_overdue=(cells.count("overdue") or 0) if is_told else None,
        estimated_budget_amount=cells.amount("assessment", kept),
    )
