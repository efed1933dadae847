"""Kinds of reports, their columns, and how a table of figures is told (sheet, sections 9, 12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

UNOFFICIAL = "Unofficial layout: figures from the ledger, form to be confirmed."
HUNDRED = Decimal(100)
CENTAVO = Decimal("0.01")


class ReportKind(StrEnum):
    """What can be reported."""

    saaodb = "saaodb"
    raod = "raod"
    status = "status"
    payables = "payables"
    lapsing = "lapsing"
    progress = "progress"
    proposal_book = "proposal_book"
    by_object = "by_object"
    allotment_list = "allotment_list"
    transfers = "transfers"
    payments_by_month = "payments_by_month"
    disbursements_by_program = "disbursements_by_program"
    physical_report = "physical_report"
    financial_plan = "financial_plan"
    physical_plan = "physical_plan"
    cash_programme = "cash_programme"
    peoples_budget = "peoples_budget"
    quick_export = "quick_export"


class Grouping(StrEnum):
    """By what the status report adds up."""

    program = "program"
    expense_class = "expense_class"
    quarter = "quarter"
    funding_source = "funding_source"
    office = "office"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its values are a text, a code (words in files), a date, money, number, percent.

    `group` is the heading above it and its neighbours; a percentage is a share `of` two columns.
    """

    key: str
    label: str
    kind: str = "money"
    is_summed: bool = True
    group: str = ""
    of: tuple[str, str] | None = None


def texts(**labels: str) -> tuple[Column, ...]:
    """Return columns of words."""
    return tuple(Column(key, label, "text", is_summed=False) for key, label in labels.items())


def codes(**labels: str) -> tuple[Column, ...]:
    """Return columns of codes, such as of a class or a source."""
    return tuple(Column(key, label, "code", is_summed=False) for key, label in labels.items())


def dates(**labels: str) -> tuple[Column, ...]:
    """Return columns of days."""
    return tuple(Column(key, label, "date", is_summed=False) for key, label in labels.items())


def sums(_group: str = "", /, **labels: str) -> tuple[Column, ...]:
    """Return columns of money that are added up, under one heading."""
    return tuple(Column(key, label, group=_group) for key, label in labels.items())


def numbers(_group: str = "", /, **labels: str) -> tuple[Column, ...]:
    """Return columns of quantities; of different units there is no sum."""
    return tuple(Column(key, label, "number", False, _group) for key, label in labels.items())


def rate(key: str, label: str, part: str, whole: str) -> Column:
    """Return a column of percentages, with its denominator in its label."""
    return Column(key, label, "percent", is_summed=False, of=(part, whole))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the ledger: which report, of which year, as of which day, known when."""

    kind: ReportKind
    fiscal_year: int
    as_of: date
    known_at: datetime
    group_by: Grouping = Grouping.program
    organization: str = ""

    @property
    def filters(self) -> dict[str, str]:
        """The question in words, as every file states it."""
        told = {"fiscal_year": str(self.fiscal_year), "as_of": self.as_of.isoformat()}
        if self.kind == ReportKind.status:
            told["group_by"] = str(self.group_by)
        return told


Cell = str | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A report: its title, the one statement that asks the ledger, and its columns.

    `parted_by` names the column by whose values the totals are also told apart; `notes` say how
    figures were made that the ledger does not hold itself.
    """

    title: str
    statement: str
    columns: tuple[Column, ...]
    parted_by: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """A table as it is told: every amount a decimal string, an empty denominator null."""

    title: str
    columns: tuple[Column, ...]
    rows: list[list[Cell]]
    parts: list[list[Cell]]
    totals: list[Cell]
    notes: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "title": self.title,
            "columns": [
                {**asdict(column), "of": list(column.of) if column.of else None}
                for column in self.columns
            ],
            "rows": self.rows,
            "parts": self.parts,
            "totals": self.totals,
            "notes": list(self.notes),
        }


def told(value: Any, kind: str) -> Cell:
    """Return a value as the report writes it."""
    if value is None:
        return None
    if kind in ("money", "percent"):
        return f"{Decimal(value).quantize(CENTAVO, rounding=ROUND_HALF_UP):.2f}"
    if kind == "number":
        return f"{Decimal(value):f}".rstrip("0").rstrip(".") if Decimal(value) else "0"
    return str(value)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a share in percent; of nothing there is no share."""
    return None if not whole else HUNDRED * part / whole


def figures(definition: Definition, found: Sequence[Any]) -> Figures:
    """Make a table of rows that have an attribute for each column; totals are re-added here."""
    columns = definition.columns
    rows = [
        _with_rates(
            columns,
            [told(None if each.of else getattr(row, each.key), each.kind) for each in columns],
        )
        for row in found
    ]
    return Figures(
        definition.title,
        columns,
        rows,
        list(_parts(definition, rows)),
        added(columns, rows),
        definition.notes,
    )


def added(columns: Sequence[Column], rows: Sequence[list[Cell]]) -> list[Cell]:
    """Return the sums of rows, and the shares of the sums."""
    cells: list[Cell] = [
        f"{sum((Decimal(row[at] or 0) for row in rows), Decimal('0.00')):.2f}"
        if column.is_summed
        else None
        for at, column in enumerate(columns)
    ]
    return _with_rates(columns, cells)


def _parts(definition: Definition, rows: Sequence[list[Cell]]) -> Iterator[list[Cell]]:
    """Yield the totals of every value of the column that the report is parted by, if several."""
    if not definition.parted_by:
        return
    at = [column.key for column in definition.columns].index(definition.parted_by)
    names = list(dict.fromkeys(row[at] for row in rows))
    for name in names if len(names) > 1 else ():
        cells = added(definition.columns, [row for row in rows if row[at] == name])
        yield [name if each == at else cell for each, cell in enumerate(cells)]


def _with_rates(columns: Sequence[Column], cells: list[Cell]) -> list[Cell]:
    known = {column.key: cell for column, cell in zip(columns, cells, strict=True)}
    return [
        told(percent(*(Decimal(known[key] or 0) for key in column.of)), column.kind)
        if column.of
        else cell
        for column, cell in zip(columns, cells, strict=True)
    ]


def content_hash(*, organization: str, question: Question, content: dict[str, Any]) -> str:
    """Return the fingerprint of a report: the same figures of the same question, the same hash."""
    whole = {
        "organization": organization,
        "kind": str(question.kind),
        "filters": question.filters,
        "known_at": question.known_at.isoformat(),
        "content": content,
    }
    plain = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()
