"""One table of two stores, compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True, slots=True)
class Comparison:
    """One table before and after; a row is different when it is gone or other at its version.

    What is newer after is no difference: the new store went on while the old one stood still.
    """

    table: str
    before: int
    after: int
    missing: int
    differing: int
    hash_before: str
    hash_after: str

    @property
    def is_same(self) -> bool:
        """Whether the new one says all that the old one said, and the same."""
        return not self.missing and not self.differing


def as_table(compared: Sequence[Comparison]) -> str:
    """Return the comparisons as lines of aligned columns."""
    head = tuple(field.name.replace("_", " ") for field in fields(Comparison))
    lines = [head, *(tuple(str(value) for value in astuple(each)) for each in compared)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
