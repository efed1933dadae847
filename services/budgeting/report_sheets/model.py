"""What a report says in a file: the same statements, lines and signatures in every form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from libs.tenancy.rows import MANILA
from services.budgeting.report_figures.model import UNOFFICIAL, Cell

NOTHING = "Nothing is recorded that this report would list."
PESOS = "Amounts in Philippine pesos."

_CODE = re.compile(r"[a-z][a-z_]*")
_SHORT = ("ps", "mooe", "fe", "co")


class Signed(Protocol):
    """What a signature on a report tells."""

    capacity: Any
    name: Any
    position: Any
    signed_on: Any


class Printable(Protocol):
    """What a report must tell to be printed."""

    kind: Any
    fiscal_year: Any
    number: Any
    as_of: Any
    known_at: Any
    organization: Any
    figures: Any
    content_hash: Any

    @property
    def question(self) -> Any:
        """What the ledger was asked."""

    @property
    def author(self) -> UUID:
        """Who made it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `title` names what a sum is the sum of."""

    cells: Sequence[Cell]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that a file of a report says."""

    title: str
    organization: str
    known_at: datetime
    content_hash: str
    statements: list[tuple[str, str]]
    columns: list[dict[str, Any]]
    lines: list[Line]
    notes: list[str]
    signatures: list[tuple[str, str, str, str]]


SIGNERS = {
    "budget_officer": ("Certified correct", "Budget Officer"),
    "chief_accountant": ("Certified correct", "Chief Accountant"),
    "head": ("Approved", "Head of the organization"),
}
"""Who signs a report, under which words (budgeting sheet, section 12)."""


def sheet_of(report: Printable, signed: Sequence[Signed] = ()) -> Sheet:
    """Return what a file of the report says, with the signatures it had at a moment."""
    figures = report.figures
    return Sheet(
        title=figures["title"],
        organization=str(report.organization),
        known_at=report.known_at,
        content_hash=str(report.content_hash),
        statements=list(_statements(report, signed)),
        columns=figures["columns"],
        lines=list(_lines(figures)),
        notes=[*figures.get("notes", ()), PESOS] if figures["rows"] else [NOTHING],
        signatures=list(_signatures(signed)),
    )


def in_words(cell: Cell) -> str:
    """Return a code as people write it: PS, Block grant; anything else is words already."""
    if cell is None or not _CODE.fullmatch(cell):
        return cell or ""
    return cell.upper() if cell in _SHORT else cell.replace("_", " ").capitalize()


def grouped(cell: str) -> str:
    """Return an amount with commas, in parentheses when it is negative."""
    whole, point, rest = cell.removeprefix("-").partition(".")
    plain = f"{int(whole):,}{point}{rest}"
    return f"({plain})" if cell.startswith("-") else plain


def _statements(report: Printable, signed: Sequence[Signed]) -> Iterator[tuple[str, str]]:
    known_at: datetime = report.known_at
    as_of: date = report.as_of
    filters = ", ".join(f"{key} {value}" for key, value in report.question.filters.items())
    yield "Organization", str(report.organization)
    yield "Filters", filters.replace("_", " ")
    yield "As of", as_of.isoformat()
    yield "Known at", f"{known_at.astimezone(MANILA):%Y-%m-%d %H:%M:%S} in Manila"
    yield "Version", str(report.number)
    yield "Made by", str(report.author)
    yield "Layout", UNOFFICIAL
    yield "Content hash", str(report.content_hash)
    for each in signed:
        if each.capacity not in SIGNERS:
            yield "Submitted", f"{each.signed_on.isoformat()} by {each.name}, {each.position}"


def _lines(figures: dict[str, Any]) -> Iterator[Line]:
    for row in figures["rows"]:
        yield Line(row)
    for part in figures.get("parts", ()):
        name = next(
            cell
            for cell, each in zip(part, figures["columns"], strict=True)
            if cell is not None and each["kind"] in ("code", "text")
        )
        yield Line(part, f"Total {in_words(name)}")
    yield Line(figures["totals"], "Total")


def _signatures(signed: Sequence[Signed]) -> Iterator[tuple[str, str, str, str]]:
    """Yield words, name, position and day for everyone who signs; empty until they have."""
    by_capacity = {str(each.capacity): each for each in signed}
    for capacity, (words, position) in SIGNERS.items():
        found = by_capacity.get(capacity)
        if found is None:
            yield words, "", position, ""
        else:
            yield words, found.name, f"{found.position} ({position})", found.signed_on.isoformat()
