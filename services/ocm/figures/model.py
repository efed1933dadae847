"""Cells, their sums and rates (ocm sheet, section 3, notation).

A cell is what one organization has of one measure under one key: how many, and up to two sums.
What nobody reported is None and stays out of every sum; it is never 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cell:
    """How many there are, and the sums over those that told a number."""

    count: int
    amount: Decimal | None
    other: Decimal | None

    def __add__(self, more: Cell) -> Cell:
        """Add up; a sum is unknown only when both are."""
        return Cell(
            self.count + more.count,
            added([self.amount, more.amount]),
            added([self.other, more.other]),
        )


class Cells:
    """The cells of one organization, or of several added up, by measure and key."""

    def __init__(self, cells: Iterable[tuple[str, str, Cell]] = ()) -> None:
        """Take cells as (measure, key, cell); equal ones are added."""
        self._measures: dict[str, dict[str, Cell]] = defaultdict(dict)
        for measure, key, cell in cells:
            kept = self._measures[measure]
            kept[key] = kept[key] + cell if key in kept else cell

    def __iter__(self) -> Iterator[tuple[str, str, Cell]]:
        """Yield every cell with its measure and key."""
        for measure, cells in self._measures.items():
            for key, cell in cells.items():
                yield measure, key, cell

    def __bool__(self) -> bool:
        """Tell whether anything was reported."""
        return bool(self._measures)

    def has(self, measure: str) -> bool:
        """Tell whether anything of this measure was reported."""
        return measure in self._measures

    def keys(self, measure: str) -> list[str]:
        """Return the keys of a measure, in order."""
        return sorted(self._measures.get(measure, {}))

    def counts(self, measure: str) -> dict[str, int] | None:
        """Return how many there are by key; None when nothing was reported."""
        if not self.has(measure):
            return None
        return {key: self._measures[measure][key].count for key in self.keys(measure)}

    def count(self, measure: str, keys: Collection[str] | None = None) -> int | None:
        """Return how many there are under some keys or all; None when nothing was reported."""
        if not self.has(measure):
            return None
        return sum(cell.count for cell in self._some(measure, keys))

    def amount(self, measure: str, keys: Collection[str] | None = None) -> Decimal | None:
        """Return the first sum under some keys or all; None when it is not known."""
        return self._sum(measure, [cell.amount for cell in self._some(measure, keys)])

    def other(self, measure: str, keys: Collection[str] | None = None) -> Decimal | None:
        """Return the second sum under some keys or all; None when it is not known."""
        return self._sum(measure, [cell.other for cell in self._some(measure, keys)])

    def _some(self, measure: str, keys: Collection[str] | None) -> list[Cell]:
        cells = self._measures.get(measure, {})
        return [cell for key, cell in cells.items() if keys is None or key in keys]

    def _sum(self, measure: str, parts: list[Decimal | None]) -> Decimal | None:
        """Of a measure that was reported, nothing under these keys is zero."""
        return added(parts) if parts else (ZERO if self.has(measure) else None)


def added(parts: Iterable[Decimal | None]) -> Decimal | None:
    """Add up what is known; None when nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known, ZERO) if known else None


def percent(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """Return part of whole in percent, two decimals, half up; None without a denominator."""
    if part is None or not whole:
        return None
    return (HUNDRED * part / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
