"""Writing and reading the files of reports; what is written depends on the record alone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import segno
import typst
import xlsxwriter
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from python_calamine import CalamineError, CalamineWorkbook

from libs.refusals import Invalid
from libs.tenancy.rows import MANILA
from services.budgeting.report_figures.model import UNOFFICIAL

PDF = "application/pdf"
MOST_PAGES = 2_000
WIDE, A3_POINTS, A4_POINTS = 14, 1134, 785
EXACT_DIGITS = 15
"""So many digits a cell of a workbook holds exactly; longer amounts are written as text."""

_HASH = re.compile(r"[0-9a-f]{64}")


class FileKind(StrEnum):
    """In which form a report leaves."""

    xlsx = "xlsx"
    pdf = "pdf"


def kind_of(content: bytes) -> FileKind:
    """Return the kind of a file by how it begins, whatever its name or media type says."""
    return FileKind.pdf if content.startswith(b"%PDF-") else FileKind.xlsx


class FileNotReadable(Invalid):
    """The file is damaged, or none of this kind."""

    title = "The file could not be read."


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


def statements(report: Printable) -> list[tuple[str, str]]:
    """Return what every file states beside the figures."""
    known_at: datetime = report.known_at
    as_of: date = report.as_of
    filters = ", ".join(f"{key} {value}" for key, value in report.question.filters.items())
    return [
        ("Organization", str(report.organization)),
        ("Filters", filters.replace("_", " ")),
        ("As of", as_of.isoformat()),
        ("Known at", f"{known_at.astimezone(MANILA):%Y-%m-%d %H:%M:%S} in Manila"),
        ("Version", str(report.number)),
        ("Made by", str(report.author)),
        ("Layout", UNOFFICIAL),
        ("Content hash", str(report.content_hash)),
    ]


def render(report: Printable, kind: FileKind) -> bytes:
    """Return the file of a report."""
    return _workbook(report) if kind == FileKind.xlsx else _print(report)


def _workbook(report: Printable) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": report.figures["title"], "created": report.known_at})
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "border": 1})
    money = book.add_format({"num_format": "#,##0.00;(#,##0.00)"})
    total = book.add_format({"num_format": "#,##0.00;(#,##0.00)", "bold": True, "top": 1})
    sheet = book.add_worksheet("Report")
    sheet.write_string(0, 0, report.figures["title"], bold)
    for at, (label, value) in enumerate(statements(report), start=1):
        sheet.write_string(at, 0, label, bold)
        sheet.write_string(at, 1, value)
    columns, first = report.figures["columns"], 11
    for at, column in enumerate(columns):
        sheet.write_string(first, at, column["label"], head)
        sheet.set_column(at, at, 30 if column["kind"] == "text" else 18)
    sheet.freeze_panes(first + 1, 1)
    rows = report.figures["rows"]
    for down, row in enumerate(rows, start=first + 1):
        _row(sheet, down, row, columns, money)
    _row(sheet, first + 1 + len(rows), report.figures["totals"], columns, total)
    qr = io.BytesIO()
    segno.make(report.content_hash, micro=False).save(qr, kind="png", scale=3)
    sheet.insert_image(0, 4, "hash.png", {"image_data": qr, "description": "Content hash"})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    book.close()
    return target.getvalue()


def _row(
    sheet: Any, down: int, row: Sequence[str | None], columns: Sequence[Any], form: Any
) -> None:
    for at, (cell, column) in enumerate(zip(row, columns, strict=True)):
        if cell is None:
            continue
        is_number = column["kind"] != "text" and len(re.sub(r"\D", "", cell)) <= EXACT_DIGITS
        if is_number:
            sheet.write_number(down, at, float(Decimal(cell)), form)
        else:
            sheet.write_string(down, at, cell)


TEMPLATE = """
#let told = json(bytes(sys.inputs.told))
#let figures = told.figures
#let wide = figures.columns.len() > 14
#set document(title: figures.title, author: told.organization)
#set page(
  paper: if wide { "a3" } else { "a4" }, flipped: true, margin: (x: 10mm, y: 12mm),
  footer: context [
    #set text(6pt)
    #told.layout #h(1fr) #told.hash #h(1fr)
    Page #counter(page).display() of #counter(page).final().first()
  ],
)
#set text(font: "Libertinus Serif", size: 8pt)
#grid(columns: (1fr, auto), column-gutter: 6mm,
  [
    #text(size: 13pt, weight: "bold")[#figures.title]
    #v(1mm)
    #grid(columns: (auto, 1fr), column-gutter: 4mm, row-gutter: 1.4mm,
      ..told.statements.map(each => (strong(each.at(0)), each.at(1))).flatten())
  ],
  image(bytes(sys.inputs.qr), format: "svg", width: 24mm),
)
#v(2mm)
#let sign(cell) = if cell == none { [-] } else if cell.starts-with("-") {
  "(" + cell.slice(1) + ")"
} else { cell }
#let grouped(cell) = if cell == none { [-] } else {
  let plain = cell.trim("-", at: start)
  let parts = plain.split(".")
  let digits = parts.first().clusters().rev()
  let out = ()
  for (at, digit) in digits.enumerate() {
    if at > 0 and calc.rem(at, 3) == 0 { out.push(",") }
    out.push(digit)
  }
  sign((if cell.starts-with("-") { "-" } else { "" }) + out.rev().join()
    + if parts.len() > 1 { "." + parts.at(1) } else { "" })
}
#let show-cell(cell, column) = if column.kind == "text" {
  if cell == none { [] } else { [#cell] }
} else { align(right, grouped(cell)) }
#set text(size: told.size * 1pt)
#table(
  columns: figures.columns.map(each => if each.kind == "text" { auto } else { 1fr }),
  stroke: 0.3pt + luma(170), inset: 2.5pt,
  fill: (_, y) => if y == 0 { rgb("#E8EEF4") },
  table.header(..figures.columns.map(each => strong(each.label))),
  ..figures.rows.map(row => row.zip(figures.columns).map(each => show-cell(..each))).flatten(),
  ..figures.totals.zip(figures.columns).enumerate().map(each => {
    let (at, (cell, column)) = each
    if at == 0 { strong[Total] } else if cell == none { [] } else {
      strong(align(right, grouped(cell)))
    }
  }),
)
#text(8pt)[Amounts in Philippine pesos.]
"""


def _size(content: Any) -> float:
    """Return the size in points at which the longest amount fits its column, 3.5 to 8."""
    numbers = [at for at, column in enumerate(content["columns"]) if column["kind"] != "text"]
    rows = [*content["rows"], content["totals"]]
    longest = max((len(row[at] or "") for row in rows for at in numbers), default=0)
    is_wide = len(content["columns"]) > WIDE
    words = 45 * (len(content["columns"]) - len(numbers))
    room = ((A3_POINTS if is_wide else A4_POINTS) - words) / max(len(numbers), 1) - 5
    # A digit is half as wide as it is high; grouping adds a little.
    return min(8.0, max(3.5, room / (0.56 * max(longest, 8))))


def _print(report: Printable) -> bytes:
    qr = io.BytesIO()
    segno.make(report.content_hash, micro=False).save(qr, kind="svg", border=1)
    told = {
        "figures": report.figures,
        "statements": statements(report),
        "organization": report.organization,
        "layout": UNOFFICIAL,
        "hash": report.content_hash,
        "size": _size(report.figures),
    }
    printed = typst.compile(
        TEMPLATE.encode(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(told), "qr": qr.getvalue().decode()},
        timestamp=int(report.known_at.timestamp()),
    )
    assert isinstance(printed, bytes)
    return printed


def hashes_in(kind: FileKind, content: bytes) -> list[str]:
    """Return the hashes that a file states, or refuse what cannot be read."""
    return list(dict.fromkeys(_HASH.findall("\n".join(lines_of(kind, content)))))


def compare(kind: FileKind, given: bytes, printed: bytes) -> list[str]:
    """Return the lines that only one of the two files has, marked by whose they are."""
    ours, theirs = lines_of(kind, printed), lines_of(kind, given)
    only_theirs = [f"file: {line}" for line in theirs if line not in set(ours)]
    only_ours = [f"record: {line}" for line in ours if line not in set(theirs)]
    return (only_theirs + only_ours) or ["the file was saved anew; every line is the same"]


def lines_of(kind: FileKind, content: bytes) -> list[str]:
    """Return what a file says, line by line, or refuse what cannot be read."""
    try:
        if kind == FileKind.xlsx:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            rows = [
                row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
            ]
            return [" | ".join(str(cell) for cell in row) for row in rows]
        pages = PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]
        return [line for page in pages for line in page.extract_text().splitlines()]
    except (CalamineError, PyPdfError, ValueError, KeyError, OSError) as error:
        raise FileNotReadable(str(error)[:200], pointer="/body") from error
