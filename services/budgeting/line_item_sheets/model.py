"""The sheet of line items: its columns, how it is written, how it is read back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from libs.refusals import Invalid
from services.budgeting.line_items.model import ExpenseClass

FORM = "bmms-line-items-1"
SHEET, LISTS = "Line items", "Lists"
HEADING_ROW = 3
"""Rows above the first line: title, what to do, an empty one, the heading (counted from 0)."""

BLANK_ROWS = 200
MOST_ROWS = 20_000
FOLIO = 14  # 8.5 by 13 inches, as workbooks number papers
MOST_UNPACKED_BYTES = 256 << 20
EXACT_AS_NUMBER = Decimal("9999999999999.99")
"""Above this a spreadsheet's numbers lose centavos; the amount is written as text instead."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its width in characters, whether a person fills it in."""

    key: str
    heading: str
    width: int
    is_open: bool = True


COLUMNS = (
    Column("line_item_id", "Line", 8, is_open=False),
    Column("program", "Program", 34),
    Column("expense_class", "Class", 8),
    Column("object_code", "Object code", 30),
    Column("description", "Description", 46),
    Column("unit", "Unit", 10),
    Column("unit_cost_amount", "Unit cost (PHP)", 18),
    Column("quantity", "Quantity", 12),
    Column("amount", "Amount (PHP)", 18, is_open=False),
    Column("q1_amount", "Q1 (PHP)", 16),
    Column("q2_amount", "Q2 (PHP)", 16),
    Column("q3_amount", "Q3 (PHP)", 16),
    Column("q4_amount", "Q4 (PHP)", 16),
    Column("justification", "Justification", 40),
    Column("sub_category", "Sub-category", 18),
    Column("procurement_mode", "Procurement mode", 18),
    Column("procurement_reference", "Procurement plan reference", 20),
    Column("remove", "Remove", 9),
)
REASON = Column("reason", "Why it was not taken", 60, is_open=False)
POSITION = {column.key: index for index, column in enumerate((*COLUMNS, REASON))}
MONEY = frozenset(
    {"unit_cost_amount", "amount", "q1_amount", "q2_amount", "q3_amount", "q4_amount"}
)
NUMBERS = MONEY | {"quantity"}
GUIDE = (
    "Fill in the white cells; add lines below the last one. Grey cells are filled in for you. "
    "To take a line out, choose “yes” under Remove."
)


class NoSheet(Invalid):
    """The file is not a workbook of line items."""

    title = "This is not a workbook of line items; begin with the one that the proposal exports."


class SheetTooLong(Invalid):
    """More rows than one import takes."""

    title = f"A workbook holds at most {MOST_ROWS} lines."


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as a person sees it: its number in the file and the text of its cells by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Heading:
    """What a workbook says above its lines, and what its lists offer."""

    title: str
    proposal_id: str
    programs: Sequence[str]
    object_codes: Sequence[str]


def write_sheet(heading: Heading, rows: Iterable[dict[str, Any]], *, spare: int) -> bytes:
    """Return the workbook: `rows` hold the cells by column key, `spare` empty rows follow.

    A row with a `reason` gets the extra column that says why it was not taken.
    """
    held = list(rows)
    columns = (*COLUMNS, REASON) if any("reason" in row for row in held) else COLUMNS
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False})
    sheet, lists = book.add_worksheet(SHEET), book.add_worksheet(LISTS)
    _write_lists(lists, heading)
    forms = _formats(book)
    _write_head(sheet, heading, columns, forms)
    last = HEADING_ROW + len(held) + spare
    for index, row in enumerate(held, start=HEADING_ROW + 1):
        _write_row(sheet, index, columns, row, forms)
    for index in range(HEADING_ROW + 1 + len(held), last + 1):
        _write_row(sheet, index, columns, {}, forms)
    _offer(sheet, last, heading)
    _watch(sheet, last, forms)
    lists.hide()
    sheet.print_area(0, 1, HEADING_ROW + max(len(held), 1), len(columns) - 1)
    sheet.protect("", {"format_columns": True, "sort": True, "autofilter": True})
    book.close()
    return written.getvalue()


def _write_lists(lists: Worksheet, heading: Heading) -> None:
    lists.write_row(0, 0, [FORM, heading.proposal_id])
    lists.write_column(1, 0, [each.upper() for each in ExpenseClass])
    for index, program in enumerate(heading.programs, start=1):
        lists.write_string(index, 1, program)
    lists.write_string(1, 2, "yes")
    lists.write_column(1, 3, heading.object_codes)


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    usual = {"valign": "top", "border": 1, "border_color": "#c8ced6"}
    locked = {**usual, "bg_color": "#eef0f3"}
    money = {"num_format": "#,##0.00;(#,##0.00)"}
    wrapped = {"text_wrap": True}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "heading": book.add_format(
            {**usual, "bold": True, "text_wrap": True, "bg_color": "#173f35", "color": "#ffffff"}
        ),
        "open": book.add_format({**usual, **wrapped, "locked": False, "num_format": "@"}),
        "open_money": book.add_format({**usual, **money, "locked": False}),
        "open_quantity": book.add_format({**usual, "num_format": "#,##0.###", "locked": False}),
        "total": book.add_format({**locked, **money, "bold": True}),
        "wrong": book.add_format({"bg_color": "#f8d7da"}),
        "shut": book.add_format({**locked, **wrapped}),
        "shut_money": book.add_format({**locked, **money}),
    }


def _write_head(
    sheet: Worksheet, heading: Heading, columns: Sequence[Column], forms: dict[str, Format]
) -> None:
    sheet.write_string(0, 1, heading.title, forms["title"])
    sheet.write_string(1, 1, GUIDE)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(HEADING_ROW, index, column.heading, forms["heading"])
    sheet.set_column(0, 0, 8, None, {"hidden": True})
    sheet.freeze_panes(HEADING_ROW + 1, 2)
    sheet.set_landscape()
    sheet.set_paper(FOLIO)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADING_ROW)
    sheet.set_footer(f"&L&8{heading.proposal_id}&R&8Page &P of &N")


def _write_row(
    sheet: Worksheet,
    index: int,
    columns: Sequence[Column],
    row: dict[str, Any],
    forms: dict[str, Format],
) -> None:
    for at, column in enumerate(columns):
        key = column.key
        kind = "money" if key in MONEY else "quantity" if key in NUMBERS else ""
        form = forms["_".join(filter(None, ("open" if column.is_open else "shut", kind)))]
        value = row.get(key)
        if key == "amount":
            cost, quantity = (_cell(index, name) for name in ("unit_cost_amount", "quantity"))
            sheet.write_formula(
                index, at, f'=IF({quantity}="","",ROUND({cost}*{quantity},2))', form, value or ""
            )
        elif isinstance(value, Decimal) and value <= EXACT_AS_NUMBER:
            sheet.write_number(index, at, float(value), form)
        elif value is None or value == "":
            sheet.write_blank(index, at, None, form)
        else:
            sheet.write_string(index, at, str(value), form)


def _cell(index: int, key: str) -> str:
    return f"{chr(ord('A') + POSITION[key])}{index + 1}"


def _offer(sheet: Worksheet, last: int, heading: Heading) -> None:
    """Give the cells with known answers a list; an object code may also be typed without title."""
    for key, column, count in (
        ("program", "B", max(len(heading.programs), 1)),
        ("expense_class", "A", len(ExpenseClass)),
        ("remove", "C", 1),
        ("object_code", "D", max(len(heading.object_codes), 1)),
    ):
        at = POSITION[key]
        source = f"={LISTS}!${column}$2:${column}${count + 1}"
        how = {"error_type": "warning" if key == "object_code" else "stop"}
        sheet.data_validation(
            HEADING_ROW + 1, at, last, at, {"validate": "list", "source": source, **how}
        )


def _watch(sheet: Worksheet, last: int, forms: dict[str, Format]) -> None:
    """Add up the amounts above their headings; take numbers alone, and show quarters that miss."""
    first, above = HEADING_ROW + 1, HEADING_ROW - 1
    sheet.write_string(above, POSITION["quantity"], "Total", forms["total"])
    for key in sorted(NUMBERS):
        at = POSITION[key]
        if key not in ("unit_cost_amount", "quantity"):
            total = f"=SUM({_cell(first, key)}:{_cell(last, key)})"
            sheet.write_formula(above, at, total, forms["total"])
        if key != "amount":
            rule = {"validate": "decimal", "criteria": ">=", "value": 0}
            sheet.data_validation(first, at, last, at, {**rule, "error_message": "0 or more"})
    quarters = f"${_cell(first, 'q1_amount')}:${_cell(first, 'q4_amount')}"
    missed = f"ROUND(SUM({quarters}),2)<>${_cell(first, 'amount')}"
    wrong = f"=AND(COUNT({quarters})>0,{missed})"
    rule = {"type": "formula", "criteria": wrong, "format": forms["wrong"]}
    sheet.conditional_format(first, POSITION["q1_amount"], last, POSITION["q4_amount"], rule)


def read_sheet(content: bytes) -> tuple[str, list[SheetRow]]:
    """Return the proposal's id that the workbook names, and its rows that hold anything.

    Raises NoSheet for anything that is not our form, SheetTooLong beyond 20,000 rows.
    """
    _check_packed(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        told = book.get_sheet_by_name(LISTS).to_python()
        table = book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError) as error:
        raise NoSheet("It cannot be opened as one.") from error
    if not told or str(told[0][0]) != FORM or len(told[0]) < len((FORM, "proposal")):
        raise NoSheet("Its form is another one.")
    headings = (
        [str(cell).strip() for cell in table[HEADING_ROW]] if len(table) > HEADING_ROW else []
    )
    wanted = [column.heading for column in COLUMNS]
    if headings[: len(wanted)] != wanted:
        raise NoSheet(f"Row {HEADING_ROW + 1} no longer holds the headings of the form.")
    rows = [
        SheetRow(number, {c.key: _text(v) for c, v in zip(COLUMNS, cells, strict=False)})
        for number, cells in enumerate(table[HEADING_ROW + 1 :], start=HEADING_ROW + 2)
    ]
    filled = [row for row in rows if any(row.cells[key] for key in row.cells if key != "amount")]
    if len(filled) > MOST_ROWS:
        raise SheetTooLong(f"It has {len(filled)}.")
    return str(told[0][1]), filled


def _check_packed(content: bytes) -> None:
    """Refuse what is no ZIP, or would fill the memory once unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NoSheet("It is not an XLSX file.") from error
    if unpacked > MOST_UNPACKED_BYTES:
        raise NoSheet("It holds far more than a workbook of line items can.")


def _text(value: Any) -> str:
    """Return a cell as the text a person typed: a number without what floats add to it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        exact = Decimal(repr(value))
        return f"{exact:f}".removesuffix(".0")
    return str(value).strip()


def as_amount(text: str) -> str:
    """Return an amount as typed (`1,234.5`) in the form of the API (`1234.50`), if it is one."""
    plain = text.replace(",", "").replace("₱", "").strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", plain):
        return text
    return f"{Decimal(plain):.2f}"
