"""Filling in a workbook of line items as a person does: by heading, in a spreadsheet."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from services.budgeting.line_item_sheets.model import HEADING_ROW, LISTS, SHEET

Rows = list[dict[str, Any]]


def opened(content: bytes) -> tuple[list[Any], list[str], Rows]:
    """Return the form's mark, the headings and the rows by heading of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    mark = book.get_sheet_by_name(LISTS).to_python()[0]
    table = book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    headings = [str(cell) for cell in table[HEADING_ROW]]
    rows = [dict(zip(headings, cells, strict=False)) for cells in table[HEADING_ROW + 1 :]]
    return mark, headings, [row for row in rows if row["Program"]]


def saved(mark: list[Any], headings: list[str], rows: Rows) -> bytes:
    """Return the workbook as a spreadsheet program saves it, with these rows."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet, lists = book.add_worksheet(SHEET), book.add_worksheet(LISTS)
    lists.write_row(0, 0, mark)
    sheet.write_row(HEADING_ROW, 0, headings)
    for index, row in enumerate(rows, start=HEADING_ROW + 1):
        sheet.write_row(index, 0, [row.get(heading, "") for heading in headings])
    book.close()
    return content.getvalue()


def a_row(**changes: Any) -> dict[str, Any]:
    """Return a good new row, by heading."""
    return {
        "Program": "1 Primary care in every barangay",
        "Class": "MOOE",
        "Object code": "5020301000",
        "Description": "Boots for health workers",
        "Unit": "pair",
        "Unit cost (PHP)": 750.25,
        "Quantity": 40,
        **changes,
    }


def rezipped(content: bytes, name: str, part: str) -> bytes:
    """Return the workbook with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for each in before.namelist():
            after.writestr(each, part if each == name else before.read(each))
    return out.getvalue()


def pretty(body: Any) -> str:
    return json.dumps(body, indent=1)
