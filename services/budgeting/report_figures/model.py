"""Kinds of reports, their columns, and how a table of figures is told (sheet, sections 9, 12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
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


TITLES = {
    ReportKind.saaodb: "Statement of Appropriations, Allotments, Obligations, Disbursements"
    " and Balances (FAR No. 1)",
    ReportKind.raod: "Registry of Allotments, Obligations and Disbursements",
    ReportKind.status: "Status of Allotments, Obligations and Disbursements",
    ReportKind.payables: "Aging of Unpaid Obligations",
    ReportKind.lapsing: "Funds about to Lapse",
    ReportKind.progress: "Physical and Financial Progress",
    ReportKind.proposal_book: "Proposal Book",
}


class Grouping(StrEnum):
    """By what the status report adds up."""

    program = "program"
    expense_class = "expense_class"
    quarter = "quarter"
    funding_source = "funding_source"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `kind` is text, money, percent or date, `is_summed` whether it has a total."""

    key: str
    label: str
    kind: str = "money"
    is_summed: bool = True


def texts(**labels: str) -> tuple[Column, ...]:
    """Return columns of words."""
    return tuple(Column(key, label, "text", is_summed=False) for key, label in labels.items())


def sums(**labels: str) -> tuple[Column, ...]:
    """Return columns of money that are added up."""
    return tuple(Column(key, label) for key, label in labels.items())


def rates(**labels: str) -> tuple[Column, ...]:
    """Return columns of percentages, each with its denominator in its label."""
    return tuple(Column(key, label, "percent", is_summed=False) for key, label in labels.items())


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the ledger: which report, of which year, as of which day, known when."""

    kind: ReportKind
    fiscal_year: int
    as_of: date
    known_at: datetime
    group_by: Grouping = Grouping.program

    @property
    def filters(self) -> dict[str, str]:
        """The question in words, as every file states it."""
        told = {"fiscal_year": str(self.fiscal_year), "as_of": self.as_of.isoformat()}
        if self.kind == ReportKind.status:
            told["group_by"] = str(self.group_by)
        return told


Cell = str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A table as it is told: every amount a decimal string, an empty denominator null."""

    title: str
    columns: tuple[Column, ...]
    rows: list[list[Cell]]
    totals: list[Cell]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "title": self.title,
            "columns": [asdict(column) for column in self.columns],
            "rows": self.rows,
            "totals": self.totals,
        }


def told(value: Any, kind: str) -> Cell:
    """Return a value as the report writes it."""
    if value is None:
        return None
    if kind in ("money", "percent"):
        return f"{Decimal(value).quantize(CENTAVO, rounding=ROUND_HALF_UP):.2f}"
    return str(value)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a share in percent; of nothing there is no share."""
    return None if not whole else HUNDRED * part / whole


def figures(kind: ReportKind, columns: tuple[Column, ...], found: Sequence[Any]) -> Figures:
    """Make a table of rows that have an attribute for each column; totals are re-added here."""
    rows = [[told(getattr(row, each.key), each.kind) for each in columns] for row in found]
    totals: list[Cell] = [
        f"{sum((Decimal(row[at] or 0) for row in rows), Decimal('0.00')):.2f}"
        if column.is_summed
        else None
        for at, column in enumerate(columns)
    ]
    return Figures(TITLES[kind], columns, rows, totals)


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
