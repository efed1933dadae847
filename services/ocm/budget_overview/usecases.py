"""What all organizations asked for and were granted, put together."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from libs.chassis.shapes import CENTAVO
from libs.outbox.uow import UnitOfWork
from libs.tenancy.rows import MANILA
from services.ocm.budget_overview.queries import (
    select_execution_cells,
    select_pace_cells,
    select_programme_cells,
)
from services.ocm.budget_overview.schemas import (
    BudgetAnswer,
    BudgetFigures,
    ClassFigures,
    OrganizationBudget,
    QuarterFigures,
)
from services.ocm.figures.model import ZERO, Cells, percent
from services.ocm.figures.queries import CellSelect
from services.ocm.figures.usecases import Reporter, consolidate, year_of
from services.ocm.known_proposals.model import APPROVED, DECIDED, PROPOSED
from services.ocm.known_proposals.queries import select_proposal_cells

SOURCES = ("identity", "budgeting")
MEASURES = ("proposal", "appropriated", "allotted")
"""An organization reports on its budget with a proposal, an act's item or a release."""

_CHAIN = ("appropriated", "allotted", "obligated", "disbursed")


async def consolidate_budget(uow: UnitOfWork, fiscal_year: int | None) -> BudgetAnswer:
    """Show what was proposed and approved, by organization, state and expense class."""
    year = year_of(uow, fiscal_year)
    selects = [*select_budget_cells(year, uow.today()), *select_pace_cells(year)]
    found = await consolidate(uow, year, SOURCES, selects)
    return BudgetAnswer(
        **found.head,
        organizations=[_organization(each) for each in found.reporters],
        forecast_disbursed_amount=_forecast(found.total().amount("disbursed"), year, uow.now()),
        totals=budget_figures(found.total()),
        moa_totals=budget_figures(found.total(moas_only=True)),
    )


def select_budget_cells(fiscal_year: int, today: date) -> list[CellSelect]:
    """Return everything that `budget_figures` adds up."""
    return [
        *select_proposal_cells(fiscal_year),
        *select_execution_cells(fiscal_year),
        *select_programme_cells(fiscal_year, today),
    ]


def budget_figures(cells: Cells) -> BudgetFigures:
    """B1 to B12 and B14; every rate names what it is divided by, and is None without one."""
    decided = cells.count("proposal", DECIDED)
    asked = cells.amount("proposal", DECIDED)
    granted = cells.other("proposal", APPROVED)
    law, released, bound, paid = (cells.amount(measure) for measure in _CHAIN)
    programmed = cells.amount("programmed")
    variance = None if programmed is None else (paid or ZERO) - programmed
    return BudgetFigures(
        proposals_by_status=cells.counts("proposal"),
        proposed_amount=cells.amount("proposal", PROPOSED),
        approved_amount=granted,
        proposals_decided=decided,
        decided_requested_amount=asked,
        approval_rate_by_value=percent(granted, asked),
        approval_rate_by_count=percent(cells.count("proposal", APPROVED), decided),
        appropriated_amount=law,
        allotted_amount=released,
        obligated_amount=bound,
        disbursed_amount=paid,
        allotment_rate_of_approved=percent(released, granted),
        obligation_rate_of_allotted=percent(bound, released),
        disbursement_rate_of_obligated=percent(paid, bound),
        utilisation_of_allotted=percent(paid, released),
        utilisation_of_appropriated=percent(paid, law),
        absorption_of_approved=percent(paid, granted),
        unobligated_amount=_less(released, bound),
        unpaid_amount=_less(bound, paid),
        programmed_amount=programmed,
        programme_variance_amount=variance,
        programme_variance_of_programmed=percent(variance, programmed),
        breaches=_breaches(cells),
        by_class=_by_class(cells),
        by_quarter=_by_quarter(cells),
    )


def _organization(each: Reporter) -> OrganizationBudget:
    return OrganizationBudget(
        **each.head,
        **dict(budget_figures(each.cells)),
        median_days_to_obligate=each.cells.amount("days_to_obligate"),
        median_days_to_pay=each.cells.amount("days_to_pay"),
    )


def _less(whole: Decimal | None, part: Decimal | None) -> Decimal | None:
    """Of what was released nothing may be bound yet, and of what was bound nothing paid."""
    return None if whole is None else whole - (part or ZERO)


def _breaches(cells: Cells) -> list[str] | None:
    if not any(cells.has(measure) for measure in _CHAIN):
        return None
    sums = [(measure, cells.amount(measure)) for measure in _CHAIN]
    return [
        f"{below} exceeds {above}"
        for (above, more), (below, less) in pairwise(sums)
        if less is not None and less > (more or ZERO)
    ]


def _by_class(cells: Cells) -> list[ClassFigures] | None:
    if not any(cells.has(measure) for measure in MEASURES):
        return None
    names = sorted({name for measure in ("class", *_CHAIN) for name in cells.keys(measure)})
    return [
        ClassFigures(
            expense_class=name,
            proposed_amount=cells.amount("class", [name]) or ZERO,
            approved_amount=cells.other("class", [name]) or ZERO,
            **{f"{each}_amount": cells.amount(each, [name]) or ZERO for each in _CHAIN},
        )
        for name in names
    ]


def _by_quarter(cells: Cells) -> list[QuarterFigures] | None:
    if not cells.has("allotted"):
        return None
    return [
        QuarterFigures(
            quarter=quarter,
            **{
                f"{each}_amount": cells.amount(f"{each}_in", [str(quarter)]) or ZERO
                for each in _CHAIN[1:]
            },
        )
        for quarter in (1, 2, 3, 4)
    ]


def _forecast(paid: Decimal | None, fiscal_year: int, now: datetime) -> Decimal | None:
    """Spread what was paid over the whole year; only while the year is running."""
    today = now.astimezone(MANILA).date()
    if paid is None or today.year != fiscal_year:
        return None
    passed = (today - date(fiscal_year, 1, 1)).days + 1
    whole = (date(fiscal_year + 1, 1, 1) - date(fiscal_year, 1, 1)).days
    return (paid * whole / passed).quantize(CENTAVO, ROUND_HALF_UP)
