"""Who works with whom, put together."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.ocm.coordination_overview.schemas import (
    CoordinationAnswer,
    CoordinationFigures,
    OrganizationCoordination,
    PairRead,
)
from services.ocm.figures.model import Cells, percent
from services.ocm.figures.usecases import Reporter, consolidate, year_of
from services.ocm.known_partnerships.queries import select_partnership_cells

SOURCES = ("identity", "coordination")
MEASURES = ("led", "joined")
PAIRS = ("lead_pair", "peer_pair")


async def consolidate_coordination(uow: UnitOfWork, fiscal_year: int | None) -> CoordinationAnswer:
    """Show the partnerships that each organization leads and joins, and who shares them."""
    year = year_of(uow, fiscal_year)
    found = await consolidate(uow, year, SOURCES, select_partnership_cells(year))
    return CoordinationAnswer(
        **found.head,
        organizations=[
            OrganizationCoordination(**each.head, **dict(coordination_figures(each.cells)))
            for each in found.reporters
        ],
        matrix=list(_matrix(found.reporters)),
        totals=coordination_figures(found.total()),
        moa_totals=coordination_figures(found.total(moas_only=True)),
    )


def coordination_figures(cells: Cells) -> CoordinationFigures:
    """C1 counts by state, type, priority and value; C3 distinct partners and led/all."""
    is_told = any(cells.has(measure) for measure in MEASURES)
    led, joined = cells.count("led") or 0, cells.count("joined") or 0
    partners = {key for measure in PAIRS for key in cells.keys(measure)}
    return CoordinationFigures(
        led_by_status=cells.counts("led"),
        led_by_type=cells.counts("led_type"),
        led_by_priority=cells.counts("led_priority"),
        led_budget_amount=cells.amount("led"),
        joined_by_status=cells.counts("joined"),
        partners_count=len(partners) if is_told else None,
        share_led=percent(led, led + joined),
    )


def _matrix(reporters: list[Reporter]) -> Iterable[PairRead]:
    """C2: for each pair the number of active partnerships where both are accepted members."""
    codes = {str(each.org_id): each.head["code"] for each in reporters}
    for each in reporters:
        counted = {measure: each.cells.counts(measure) or {} for measure in PAIRS}
        others = {key for counts in counted.values() for key in counts}
        # Both sides see the pair; the one whose code comes first tells of it.
        mine = (each.head["code"] or "", str(each.org_id))
        for other in sorted(others, key=lambda key: (codes.get(key) or "", key)):
            if mine < (codes.get(other) or "", other):
                yield PairRead(
                    first_org_id=each.org_id,
                    first_code=each.head["code"],
                    second_org_id=UUID(other),
                    second_code=codes.get(other),
                    lead_participant=counted["lead_pair"].get(other, 0),
                    participant_participant=counted["peer_pair"].get(other, 0),
                )
