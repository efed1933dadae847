"""Workbooks and CSV of reports: columns that fit, headings that stay, print set up."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

import segno
import xlsxwriter

from libs.chassis.csv_tables import csv_of
from services.budgeting.report_figures.model import UNOFFICIAL, Cell
from services.budgeting.report_sheets.model import Line, Sheet, grouped, in_words

EXACT_DIGITS = 15
"""So many digits a cell of a workbook holds exactly; longer amounts are written as text."""

FOLIO, A3 = 14, 8
"""Papers by their numbers in a workbook: 8.5 by 13 inches, and A3."""

WIDE, NARROWEST, WIDEST = 14, 9, 44
NUMERIC = ("money", "percent", "number")
NUMBER = "#,##0.00;(#,##0.00)"
MOST_FROZEN = 60
"""So many characters of words stay in sight when the amounts are scrolled."""

BYTE_ORDER_MARK = "\N{BYTE ORDER MARK}"
"""Without it a spreadsheet program takes CSV for another alphabet."""


def csv_file(sheet: Sheet) -> bytes:
    """Return the table as CSV, codes as they are; what it is about follows below it."""
    headings = [_heading(column) for column in sheet.columns]
    lines = [[cell or "" for cell in line.cells] for line in sheet.lines]
    for line, cells in zip(sheet.lines, lines, strict=True):
        if line.title:
            cells[0] = line.title
    about = [(sheet.title,), *sheet.statements, *((note,) for note in sheet.notes)]
    return (BYTE_ORDER_MARK + csv_of(headings, [*lines, (), *about])).encode()


def workbook(sheet: Sheet) -> bytes:
    """Return the report as a workbook."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": sheet.title, "created": sheet.known_at})
    page = book.add_worksheet("Report")
    forms = _forms(book)
    widths = [_width(sheet, at) for at in range(len(sheet.columns))]
    for at, width in enumerate(widths):
        page.set_column(at, at, width)
    page.write_string(0, 0, sheet.title, forms["title"])
    for down, (label, value) in enumerate(sheet.statements, start=1):
        page.write_string(down, 0, label, forms["label"])
        page.write_string(down, 1, value)
    first = len(sheet.statements) + 3
    _head(page, first - 1, sheet.columns, forms)
    for down, line in enumerate(sheet.lines, start=first + 1):
        _write(page, down, line, sheet.columns, forms)
    _foot(page, first + len(sheet.lines) + 2, sheet, forms)
    _set_up(page, first, sheet, widths)
    book.close()
    return target.getvalue()


def _forms(book: Any) -> dict[str, Any]:
    plain = {"border": 1, "border_color": "#c8ced6", "valign": "top"}
    total = {**plain, "bold": True, "top": 2, "bg_color": "#f4f6f8"}
    head = {**plain, "bold": True, "text_wrap": True, "bg_color": "#e8eef4", "align": "center"}
    right = {"num_format": NUMBER, "align": "right"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "label": book.add_format({"bold": True}),
        "head": book.add_format({**head, "valign": "vcenter"}),
        "text": book.add_format({**plain, "text_wrap": True}),
        "date": book.add_format({**plain, "num_format": "yyyy-mm-dd", "align": "left"}),
        "money": book.add_format({**plain, **right}),
        "number": book.add_format({**plain, **right, "num_format": "#,##0.###"}),
        "total text": book.add_format(total),
        "total money": book.add_format({**total, **right}),
    }


def _heading(column: dict[str, Any]) -> str:
    return ": ".join(filter(None, (column.get("group"), column["label"])))


def _shown(cell: Cell, column: dict[str, Any]) -> str:
    if cell is None:
        return ""
    return grouped(cell) if column["kind"] in NUMERIC else in_words(cell)


def _width(sheet: Sheet, at: int) -> int:
    """Return the width in characters at which nothing of a column is cut off."""
    column = sheet.columns[at]
    longest = max(len(_shown(line.cells[at], column)) for line in sheet.lines)
    words = max(len(word) for word in column["label"].split())
    narrowest = max(NARROWEST, words + 1, 14 if at == 0 else 0)
    if column["kind"] in NUMERIC:
        return max(narrowest, longest + 3)
    return min(WIDEST, max(narrowest, longest + 2))


def _head(page: Any, down: int, columns: Sequence[dict[str, Any]], forms: dict[str, Any]) -> None:
    """Write two rows of headings: what columns have in common, and each one's own."""
    at = 0
    for group, some in groupby(column.get("group") or "" for column in columns):
        width = len(list(some))
        if group and width > 1:
            page.merge_range(down, at, down, at + width - 1, group, forms["head"])
        else:
            for each in range(at, at + width):
                page.write_string(down, each, group, forms["head"])
        at += width
    page.set_row(down + 1, 46)
    for at, column in enumerate(columns):
        page.write_string(down + 1, at, column["label"], forms["head"])


def _write(
    page: Any, down: int, line: Line, columns: Sequence[dict[str, Any]], forms: dict[str, Any]
) -> None:
    kind_of_line = "total " if line.title else ""
    for at, (cell, column) in enumerate(zip(line.cells, columns, strict=True)):
        kind = column["kind"]
        is_number = kind in NUMERIC
        form = forms[f"{kind_of_line}{'money' if is_number else 'text'}"]
        if at == 0 and line.title:
            page.write_string(down, at, line.title, forms["total text"])
        elif cell is None:
            page.write_blank(down, at, None, form)
        elif is_number and len(re.sub(r"\D", "", cell)) <= EXACT_DIGITS:
            chosen = forms["number"] if kind == "number" and not line.title else form
            page.write_number(down, at, float(Decimal(cell)), chosen)
        elif is_number:
            page.write_string(down, at, grouped(cell), form)
        elif kind == "date" and not line.title:
            page.write_datetime(down, at, date.fromisoformat(cell), forms["date"])
        else:
            page.write_string(down, at, in_words(cell) if kind == "code" else cell, form)


def _foot(page: Any, down: int, sheet: Sheet, forms: dict[str, Any]) -> None:
    for at, note in enumerate(sheet.notes):
        page.write_string(down + at, 0, note)
    down += len(sheet.notes) + 1
    for at, (words, name, position, day) in enumerate(sheet.signatures):
        for step, value in enumerate((f"{words}:", name or "_" * 28, position, f"Date: {day}")):
            page.write_string(down + 6 * at + step, 0, value, forms["label"] if step == 1 else None)


def _set_up(page: Any, first: int, sheet: Sheet, widths: Sequence[int]) -> None:
    """Keep the headings in sight and on every page, and place the QR code beside the text."""
    last = first + sum(1 for line in sheet.lines if not line.title)
    columns = len(sheet.columns)
    page.freeze_panes(first + 1, _frozen(sheet, widths))
    page.repeat_rows(first - 1, first)
    if last > first:
        page.autofilter(first, 0, last, columns - 1)
    page.set_landscape()
    page.set_paper(A3 if columns > WIDE else FOLIO)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L&7{UNOFFICIAL}&C&7{sheet.content_hash}&R&8Page &P of &N")
    qr = io.BytesIO()
    segno.make(sheet.content_hash, micro=False).save(qr, kind="png", scale=3)
    # The hash, the longest statement, ends about 75 characters from the left.
    at = next((at for at in range(columns) if sum(widths[: at + 1]) > 85), columns - 1) + 1
    page.insert_image(1, at, "hash.png", {"image_data": qr, "description": "Content hash"})


def _frozen(sheet: Sheet, widths: Sequence[int]) -> int:
    """Return how many of the first columns say what a line is about, and leave room to scroll."""
    words = next((at for at, column in enumerate(sheet.columns) if column["kind"] in NUMERIC), 1)
    return max(
        at for at in range(1, max(words, 1) + 1) if at == 1 or sum(widths[:at]) <= MOST_FROZEN
    )
