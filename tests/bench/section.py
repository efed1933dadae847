"""One section of the benchmark report: its table, and what was promised and measured."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from tests.bench.load import Result


@dataclass(frozen=True)
class Promise:
    """A figure that was promised, what was measured, and whether that keeps the promise."""

    sentence: str
    measured: str
    met: bool


@dataclass
class Section:
    """A heading with a table; `goal` notes what was promised of it."""

    title: str
    header: list[str]
    lines: list[str] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin the table."""
        cells = " | ".join(self.header)
        self.lines = [f"### {self.title}", "", f"| {cells} |", "|" + " --- |" * len(self.header)]

    def row(self, *cells: object) -> None:
        """Add a row of the table, and show it: the whole takes minutes."""
        filled = [str(cell) for cell in cells] + [""] * (len(self.header) - len(cells))
        self.lines.append("| " + " | ".join(filled) + " |")
        tell(f"{self.title}: {', '.join(_named(self.header, filled))}")

    def result(self, name: str, concurrency: int, result: Result) -> None:
        """Add the row of one load run."""
        times = (f"{each:.1f}" for each in (result.p50, result.p95, result.p99))
        self.row(name, concurrency, f"{result.rate:.0f}", *times)

    def goal(self, sentence: str, *, met: bool, measured: str = "") -> None:
        """Note a promise, what was measured of it, and whether it is kept."""
        self.promises.append(Promise(sentence, measured, met))
        tell(f"  {'met' if met else 'NOT MET'}: {sentence}{measured and f' ({measured})'}")

    def close(self) -> None:
        """End the section."""
        self.lines.append("")


def _named(header: list[str], cells: list[str]) -> list[str]:
    first, *others = zip(header, cells, strict=True)
    return [first[1], *(f"{name} {cell}" for name, cell in others if cell)]


def tell(line: str) -> None:
    """Show a line at once."""
    print(line, file=sys.stderr, flush=True)
