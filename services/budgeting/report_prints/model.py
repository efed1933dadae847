"""Prints of reports: paper, widths and type size follow from the figures; no amount is cut."""

from __future__ import annotations

import io
import json
from enum import StrEnum
from itertools import groupby
from typing import Any

import segno
import typst

from services.budgeting.report_figures.model import UNOFFICIAL
from services.budgeting.report_sheets.model import Line, Sheet, grouped, in_words

NUMERIC = ("money", "percent", "number")
LARGEST_SIZE, READABLE_SIZE = 8.0, 6.0
MARGIN = 28.35
"""Points at each side of the paper: 10 mm."""
INSET = 2.5
DIGIT, MARK, LETTER, HEADING = 0.52, 0.28, 0.5, 0.58
"""Widths of characters of the face in em: digits, marks, letters, bold letters."""
MOST_LETTERS = 42


class Paper(StrEnum):
    """Papers of an office, all across; long is 8.5 by 13 inches."""

    a4 = "a4"
    long = "long"
    a3 = "a3"


SIZES = {Paper.a4: (841.89, 595.28), Paper.long: (936.0, 612.0), Paper.a3: (1190.55, 841.89)}

TEMPLATE = """
#let told = json(bytes(sys.inputs.told))
#set document(title: told.title, author: told.organization)
#set page(
  width: told.width * 1pt, height: told.height * 1pt, margin: (x: 10mm, y: 12mm),
  footer: context [
    #set text(6pt)
    #told.layout #h(1fr) #told.hash #h(1fr)
    Page #counter(page).display() of #counter(page).final().first()
  ],
)
#set text(font: "Libertinus Serif", size: 8pt, lang: "en")
#grid(columns: (1fr, auto), column-gutter: 6mm,
  [
    #text(size: 13pt, weight: "bold")[#told.title]
    #v(1mm)
    #grid(columns: (auto, 1fr), column-gutter: 4mm, row-gutter: 1.4mm,
      ..told.statements.map(each => (strong(each.at(0)), each.at(1))).flatten())
  ],
  image(bytes(sys.inputs.qr), format: "svg", width: 24mm),
)
#v(2mm)
#let side = told.numeric.map(each => if each { right } else { left })
#let headed = told.groups.map(each => table.cell(colspan: each.at(1), align: center)[
  #set text(hyphenate: true)
  #strong(each.at(0))
])
#let labels = told.labels.enumerate().map(each => {
  set text(hyphenate: true)
  table.cell(align: if told.numeric.at(each.at(0)) { center } else { left })[
    #if each.at(1).at(0) != "" [#text(0.85em)[#each.at(1).at(0)] \\ ]
    #strong(each.at(1).at(1))
  ]
})
#[
  #set text(size: told.size * 1pt)
  #set par(leading: 0.45em)
  #table(
    columns: told.widths.map(each => each * 1pt),
    align: (x, _) => side.at(x),
    stroke: 0.3pt + luma(170), inset: (x: 2.5pt, y: 2.2pt),
    fill: (_, y) => if y < told.heads { rgb("#E8EEF4") },
    table.header(..(if told.heads > 1 { headed } else { () }), ..labels),
    ..told.lines.map(line => line.cells.map(cell =>
      if line.total { table.cell(fill: rgb("#F4F6F8"), strong(cell)) } else { [#cell] }
    )).flatten(),
  )
]
#for note in told.notes [#text(7pt)[#note] \\ ]
#v(6mm)
#block(breakable: false, grid(columns: (1fr, 1fr, 1fr), column-gutter: 12mm,
  ..told.signatures.map(each => [
    #text(7pt)[#each.at(0):]
    #v(7mm)
    #strong(each.at(1))
    #v(-2mm)
    #line(length: 100%, stroke: 0.5pt)
    #v(-2mm)
    #each.at(2) \\
    #text(7pt)[Date: #each.at(3)]
  ])))
"""


def print_sheet(sheet: Sheet, paper: Paper | None = None) -> bytes:
    """Return the report as PDF, on the smallest paper it is readable on unless one is named."""
    lines = [_cells(line, sheet.columns) for line in sheet.lines]
    ems = [_ems(column, [line[at] for line in lines]) for at, column in enumerate(sheet.columns)]
    chosen = paper or next((each for each in Paper if _size(each, ems) >= READABLE_SIZE), Paper.a3)
    size = _size(chosen, ems)
    width, height = SIZES[chosen]
    groups = [(name, len(list(some))) for name, some in groupby(_group(c) for c in sheet.columns)]
    told = {
        "title": sheet.title,
        "organization": sheet.organization,
        "layout": UNOFFICIAL,
        "hash": sheet.content_hash,
        "statements": sheet.statements,
        "width": width,
        "height": height,
        "size": size,
        "widths": _widths(width, size, ems),
        "numeric": [column["kind"] in NUMERIC for column in sheet.columns],
        "groups": groups,
        "heads": 2 if any(name for name, _ in groups) else 1,
        "labels": [_label(column["label"]) for column in sheet.columns],
        "lines": [
            {"cells": cells, "total": bool(line.title)}
            for cells, line in zip(lines, sheet.lines, strict=True)
        ],
        "notes": sheet.notes,
        "signatures": sheet.signatures,
    }
    return _compiled(told, sheet)


def paper_of(width: float) -> Paper:
    """Return the paper of a page so many points wide."""
    return min(Paper, key=lambda each: abs(SIZES[each][0] - width))


def _compiled(told: dict[str, Any], sheet: Sheet) -> bytes:
    qr = io.BytesIO()
    segno.make(sheet.content_hash, micro=False).save(qr, kind="svg", border=1)
    printed = typst.compile(
        TEMPLATE.encode(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(told), "qr": qr.getvalue().decode()},
        timestamp=int(sheet.known_at.timestamp()),
    )
    assert isinstance(printed, bytes)
    return printed


def _cells(line: Line, columns: list[dict[str, Any]]) -> list[str]:
    cells = [
        ("" if line.title else "-")
        if cell is None and column["kind"] in NUMERIC
        else grouped(cell)
        if cell is not None and column["kind"] in NUMERIC
        else in_words(cell)
        if column["kind"] == "code"
        else cell or ""
        for cell, column in zip(line.cells, columns, strict=True)
    ]
    return [line.title, *cells[1:]] if line.title else cells


def _group(column: dict[str, Any]) -> str:
    return column.get("group") or ""


def _label(label: str) -> tuple[str, str]:
    """Return the number of a form's column apart from its name."""
    number, _, name = label.partition(" ")
    return (number, name) if number.isdecimal() else ("", label)


def _ems(column: dict[str, Any], cells: list[str]) -> tuple[float, float]:
    """Return the width that a column must have and the one it would like, in em."""
    if column["kind"] in NUMERIC:
        must = max((_long(cell) for cell in cells), default=0.0)
        word = max(len(word) for word in column["label"].split())
        must = max(must, HEADING * min(word, 9), 3.0)
        return must, max(must, HEADING * min(word, 14))
    words = [word for cell in cells for word in cell.split()]
    must = LETTER * min(max((len(word) for word in words), default=0), 20)
    must = max(must, HEADING * max(len(word) for word in column["label"].split()))
    like = LETTER * min(max((len(cell) for cell in cells), default=0), MOST_LETTERS)
    must = max(must, like / 3, 3.0)
    return must, max(must, like)


def _long(cell: str) -> float:
    return sum(DIGIT if each.isdigit() else MARK for each in cell) + 0.1


def _room(paper_width: float, columns: int) -> float:
    return paper_width - 2 * MARGIN - columns * 2 * INSET - 1


def _size(paper: Paper, ems: list[tuple[float, float]]) -> float:
    """Return the type size at which every column has the width that it must have."""
    room = _room(SIZES[paper][0], len(ems))
    return min(LARGEST_SIZE, room / sum(must for must, _ in ems))


def _widths(paper_width: float, size: float, ems: list[tuple[float, float]]) -> list[float]:
    """Share what is left among the columns that would like more, then among all."""
    room = _room(paper_width, len(ems)) / size
    spare = max(0.0, room - sum(must for must, _ in ems))
    wanted = sum(like - must for must, like in ems)
    part = min(1.0, spare / wanted) if wanted else 0.0
    each_more = min((spare - part * wanted) / len(ems), 4.0)
    return [size * (must + part * (like - must) + each_more) + 2 * INSET for must, like in ems]
