"""How an answer about all organizations is put together, whatever it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.tenancy.rows import MANILA
from services.ocm.figures.model import Cells
from services.ocm.figures.queries import CellSelect, get_cells
from services.ocm.figures.schemas import Coverage
from services.ocm.known_organizations.model import KnownOrganization
from services.ocm.known_organizations.queries import list_known_organizations
from services.ocm.source_freshness.queries import list_sources
from services.ocm.source_freshness.schemas import SourceRead


@dataclass(frozen=True, slots=True)
class Reporter:
    """An organization and its cells, which may be none."""

    org_id: UUID
    entry: KnownOrganization | None
    cells: Cells

    @property
    def is_moa(self) -> bool:
        """Whether it is one of the ministries, offices and agencies."""
        return self.entry is not None and self.entry.is_moa

    @property
    def head(self) -> dict[str, Any]:
        """The fields of OrganizationRead."""
        entry = self.entry
        return {
            "org_id": self.org_id,
            "code": entry and entry.code,
            "name": entry and entry.name,
            "org_type": entry and entry.org_type,
            "is_moa": self.is_moa,
            "is_active": entry is not None and entry.is_active,
            "reported": bool(self.cells),
        }


@dataclass(frozen=True, slots=True)
class Consolidation:
    """All organizations of one year with their cells, and how far that is known."""

    fiscal_year: int
    sources: list[SourceRead]
    reporters: list[Reporter]

    @property
    def moas(self) -> list[Reporter]:
        """The MOAs: the denominator of every rate of MOAs (ruling O1)."""
        return [reporter for reporter in self.reporters if reporter.is_moa]

    @property
    def head(self) -> dict[str, Any]:
        """The fields of AnswerRead; everything is known as of the source that is known least."""
        known = [source.confirmed_at for source in self.sources]
        return {
            "fiscal_year": self.fiscal_year,
            "as_of": None if None in known else min(filter(None, known), default=None),
            "sources": self.sources,
            "coverage": self.coverage(),
        }

    def coverage(self, *measures: str) -> Coverage:
        """Return n of N for some measures, or for all of the answer."""
        moas, others = self.moas, [each for each in self.reporters if not each.is_moa]
        return Coverage(
            reported=sum(_reported(each, measures) for each in moas),
            of=len(moas),
            others_reported=sum(_reported(each, measures) for each in others),
            others_of=len(others),
        )

    def total(self, *, moas_only: bool = False) -> Cells:
        """Add up the cells of all organizations, or of the MOAs; rates follow from the sums."""
        chosen = self.moas if moas_only else self.reporters
        return Cells(cell for reporter in chosen for cell in reporter.cells)


async def consolidate(
    uow: UnitOfWork, fiscal_year: int, sources: Sequence[str], selects: Sequence[CellSelect]
) -> Consolidation:
    """Read the register, the freshness and all cells: three statements, however many there are.

    Every active organization is in it, and every other that has records of the year.
    """
    entries = {entry.id: entry for entry in await list_known_organizations(uow.session)}
    told = await list_sources(uow.session, sources, now=uow.now())
    cells = await get_cells(uow.session, selects)
    known = [
        Reporter(org_id, entry, cells.pop(org_id, Cells())) for org_id, entry in entries.items()
    ]
    listed = [each for each in known if each.head["is_active"] or each.cells]
    unknown = [Reporter(org_id, None, found) for org_id, found in sorted(cells.items())]
    return Consolidation(fiscal_year, told, listed + unknown)


def year_of(uow: UnitOfWork, fiscal_year: int | None) -> int:
    """Return the year asked for, or the fiscal year in which Manila is now."""
    return fiscal_year or uow.now().astimezone(MANILA).year


def _reported(reporter: Reporter, measures: Sequence[str]) -> bool:
    if not measures:
        return bool(reporter.cells)
    return any(reporter.cells.has(measure) for measure in measures)
