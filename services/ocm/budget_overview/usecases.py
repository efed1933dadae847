"""What all organizations asked for and were granted, put together."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.ocm.budget_overview.schemas import (
    BudgetAnswer,
    BudgetFigures,
    ClassFigures,
    OrganizationBudget,
)
from services.ocm.figures.model import ZERO, Cells, percent
from services.ocm.figures.usecases import consolidate, year_of
from services.ocm.known_proposals.model import APPROVED, DECIDED, PROPOSED
from services.ocm.known_proposals.queries import select_proposal_cells

SOURCES = ("identity", "budgeting")
MEASURES = ("proposal",)


async def consolidate_budget(uow: UnitOfWork, fiscal_year: int | None) -> BudgetAnswer:
    """Show what was proposed and approved, by organization, state and expense class."""
    year = year_of(uow, fiscal_year)
    found = await consolidate(uow, year, SOURCES, select_proposal_cells(year))
    return BudgetAnswer(
        **found.head,
        organizations=[
            OrganizationBudget(**each.head, **dict(budget_figures(each.cells)))
            for each in found.reporters
        ],
        totals=budget_figures(found.total()),
        moa_totals=budget_figures(found.total(moas_only=True)),
    )


def budget_figures(cells: Cells) -> BudgetFigures:
    """B1 proposed, B2 approved, B3 100*B2/B1 of the same decided proposals, B4 by count."""
    decided = cells.count("proposal", DECIDED)
    asked = cells.amount("proposal", DECIDED)
    granted = cells.other("proposal", APPROVED)
    return BudgetFigures(
        proposals_by_status=cells.counts("proposal"),
        proposed_amount=cells.amount("proposal", PROPOSED),
        approved_amount=granted,
        proposals_decided=decided,
        decided_requested_amount=asked,
        approval_rate_by_value=percent(granted, asked),
        approval_rate_by_count=percent(cells.count("proposal", APPROVED), decided),
        by_class=_by_class(cells),
    )


def _by_class(cells: Cells) -> list[ClassFigures] | None:
    if not cells.has("proposal"):
        return None
    return [
        ClassFigures(
            expense_class=name,
            proposed_amount=cells.amount("class", [name]) or ZERO,
            approved_amount=cells.other("class", [name]) or ZERO,
        )
        for name in cells.keys("class")
    ]
