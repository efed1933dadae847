"""One section of the benchmark report: its lines, and the goals that it missed."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from tests.bench.load import Result


@dataclass
class Section:
    """A heading with a table; `goal` adds a line that says met or missed."""

    title: str
    header: list[str]
    lines: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin the table."""
        cells = " | ".join(self.header)
        self.lines = [f"## {self.title}", "", f"| {cells} |", "|" + " --- |" * len(self.header)]

    def row(self, *cells: object) -> None:
        """Add a row of the table, and show it: the whole takes minutes."""
        self.lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
        print(f"{self.title}: {self.lines[-1]}", file=sys.stderr, flush=True)

    def result(self, name: str, concurrency: int, result: Result) -> None:
        """Add the row of one load run."""
        times = (f"{each:.1f}" for each in (result.p50, result.p95, result.p99))
        self.row(name, concurrency, f"{result.rate:.0f}", *times)

    def goal(self, sentence: str, *, met: bool) -> None:
        """Close the table with a goal and whether it was met."""
        self.lines += ["", f"{'Met' if met else 'Missed'}: {sentence}."]
        if not met:
            self.missed.append(sentence)

    def close(self) -> None:
        """End the section."""
        self.lines.append("")
