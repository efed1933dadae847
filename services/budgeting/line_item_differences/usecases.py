"""Comparing the rows of a workbook with the lines of a proposal; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from libs.refusals import Refusal
from services.budgeting.line_item_sheets.model import COLUMNS, SheetRow, as_amount
from services.budgeting.line_items.model import ExpenseClass, LineItem
from services.budgeting.line_items.schemas import LineItemCreate
from services.budgeting.object_codes.model import Catalogue
from services.budgeting.programs.model import Program
from services.budgeting.proposals.model import Proposal

HEADINGS = {column.key: column.heading for column in COLUMNS}
FIELDS = tuple(LineItemCreate.model_fields)
_AMOUNTS = ("unit_cost_amount", "q1_amount", "q2_amount", "q3_amount", "q4_amount")


class RowRefused(Exception):
    """A row that is not taken: the column at fault and the reason in words."""

    def __init__(self, column: str, reason: str) -> None:
        """Take the column's key and a sentence."""
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(slots=True)
class Comparison:
    """Everything a workbook would do, and the rows that it may not."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    rejections: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0

    def count(self, action: str) -> int:
        """Return how many rows would be added, changed or removed."""
        return sum(step["action"] == action for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Held:
    """The lines of a proposal by id, its programs by rank, and the lines already met."""

    lines: Mapping[str, LineItem]
    programs: Mapping[str, Program]
    catalogue: Catalogue
    met: set[str]


def program_label(program: Program) -> str:
    """Return how a workbook names a program: its rank, which is unique, and its title."""
    return f"{program.priority_rank} {program.title}"


def line_values(line: LineItem) -> dict[str, Any]:
    """Return what a person can fill in of a line, as the API writes it."""
    told = {name: getattr(line, name) for name in FIELDS}
    told["expense_class"] = ExpenseClass(line.expense_class)
    return LineItemCreate.model_construct(**told).model_dump(mode="json")


def line_cells(line: LineItem, program: Program, catalogue: Catalogue) -> dict[str, Any]:
    """Return the cells of a line, with decimals as numbers and the title of its code."""
    told = {name: getattr(line, name) for name in FIELDS}
    return {
        **told,
        "line_item_id": str(line.id),
        "program": program_label(program),
        "object_code": catalogue.label_of(line.object_code),
        "expense_class": line.expense_class.upper(),
        "amount": line.requested_amount,
    }


def compare_rows(proposal: Proposal, rows: list[SheetRow], catalogue: Catalogue) -> Comparison:
    """Return what the rows would do to the proposal's lines as they are now."""
    held = _Held(
        lines={str(line.id): line for each in proposal.programs for line in each.line_items},
        programs={str(each.priority_rank): each for each in proposal.programs},
        catalogue=catalogue,
        met=set(),
    )
    found = Comparison()
    for row in rows:
        try:
            _compare(held, row, found)
        except RowRefused as refused:
            found.rejections.append(
                {
                    "row": row.number,
                    "column": HEADINGS.get(refused.column, refused.column),
                    "reason": refused.reason,
                    "cells": row.cells,
                }
            )
    return found


def _compare(held: _Held, row: SheetRow, found: Comparison) -> None:
    line = _line(held, row)
    if row.cells["remove"].lower() == "yes":
        if line is None:
            raise RowRefused("remove", "Only a line that the proposal has can be removed.")
        _keep(found, _step(row, "remove", line.program_id, line), line_values(line), {})
        return
    if row.cells["remove"]:
        raise RowRefused("remove", "Write “yes”, or leave it empty.")
    program, values = _program(held, row, line), _values(row, held.catalogue)
    if line is None:
        _keep(found, _step(row, "add", program.id, None), {}, values)
    elif (before := line_values(line)) == values:
        found.unchanged += 1
    else:
        _keep(found, _step(row, "change", program.id, line), before, values)


def _line(held: _Held, row: SheetRow) -> LineItem | None:
    told = row.cells["line_item_id"]
    if not told:
        return None
    if told in held.met:
        raise RowRefused("line_item_id", "Another row above is for the same line.")
    held.met.add(told)
    if told not in held.lines:
        raise RowRefused(
            "line_item_id", "The proposal no longer has this line; clear the hidden first cell."
        )
    return held.lines[told]


def _program(held: _Held, row: SheetRow, line: LineItem | None) -> Program:
    told = row.cells["program"]
    program = held.programs.get(told.partition(" ")[0])
    if program is None:
        known = "; ".join(program_label(each) for each in held.programs.values()) or "none yet"
        raise RowRefused("program", f"Choose one of the proposal's programs: {known}.")
    if line is not None and line.program_id != program.id:
        raise RowRefused(
            "program", "A line stays in its program: remove it here and add it in the other one."
        )
    return program


def _values(row: SheetRow, catalogue: Catalogue) -> dict[str, Any]:
    cells = row.cells
    told: dict[str, Any] = {name: cells[name] for name in FIELDS}
    told["expense_class"] = cells["expense_class"].lower()
    # A cell holds the code, or what the list offers: the code and its title.
    told["object_code"] = cells["object_code"].partition(" ")[0]
    for name in _AMOUNTS:
        told[name] = as_amount(cells[name]) or None
    told["quantity"] = cells["quantity"].replace(",", "")
    try:
        shape = LineItemCreate.model_validate(told)
        LineItem(**dict(shape)).price()
        catalogue.check(shape)
    except ValidationError as error:
        first = error.errors()[0]
        raise RowRefused(str(first["loc"][0]), _sentence(first)) from None
    except Refusal as refusal:
        column = (refusal.pointer or "").rpartition("/")[2]
        raise RowRefused(column, f"{refusal.title} {refusal}".strip()) from None
    return shape.model_dump(mode="json")


def _sentence(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a cell, and what was written in it."""
    message = str(error["msg"]).removeprefix("Value error, ")
    given = error.get("input")
    return f"{message}." if given in (None, "") else f"{message}; it says “{given}”."


def _step(row: SheetRow, action: str, program_id: UUID, line: LineItem | None) -> dict[str, Any]:
    return {
        "row": row.number,
        "action": action,
        "line_item_id": str(line.id) if line else None,
        "program_id": str(program_id),
    }


def _keep(
    found: Comparison, step: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    cells = [
        {"column": HEADINGS[name], "before": old, "after": new}
        for name in FIELDS
        if (old := str(before.get(name) or "")) != (new := str(after.get(name) or ""))
    ]
    found.steps.append({**step, "values": after})
    found.differences.append({**step, "cells": cells})


def as_cells(told: Mapping[str, str]) -> dict[str, Any]:
    """Return the cells of a rejected row as they were typed, numbers as numbers again."""
    return {key: _number(value) if _is_number(key, value) else value for key, value in told.items()}


def _is_number(key: str, value: str) -> bool:
    return key in (*_AMOUNTS, "quantity") and value.replace(".", "", 1).isdigit()


def _number(value: str) -> Decimal:
    return Decimal(value)
