"""Decisions on some rows of a review at once: all of them or none, each fault with its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.budgeting.programs.model import Grant
from services.budgeting.review_rows.model import RowsRefused
from services.budgeting.reviews.schemas import RowRecommendation, RowReturn


def merged_amounts(
    content: Mapping[str, Any],
    before: Sequence[Mapping[str, Any]],
    rows: Sequence[RowRecommendation],
) -> list[Grant]:
    """Return an amount for every line of a submission: as told, as before, or as requested.

    A program with an amount is told as a whole, and shared over its lines in proportion.
    """
    told: dict[tuple[UUID, UUID | None], RowRecommendation] = {}
    faults: list[tuple[str, str]] = []
    for index, row in enumerate(rows):
        key = (row.program_id, row.line_item_id)
        fault = _fault(content, row.program_id, row.line_item_id)
        if fault is None and (key in told or (row.program_id, None) in told):
            fault = ("program_id", "A row above decides about this already.")
        if fault is None and row.recommended_amount is not None:
            requested = _requested(content, row)
            if row.recommended_amount > requested:
                fault = ("recommended_amount", f"{requested} was requested.")
        if fault:
            faults.append((f"/body/rows/{index}/{fault[0]}", fault[1]))
        told.setdefault(key, row)
    _refuse(faults, len(rows))
    known = {
        line["line_item_id"]: Decimal(line["recommended_amount"])
        for program in before
        for line in program["line_items"]
    }
    return [_grant(program, told, known) for program in content["programs"]]


def returned_rows(content: Mapping[str, Any], rows: Sequence[RowReturn]) -> str:
    """Return what is wrong with each row in words, or refuse all of them."""
    faults, words = [], []
    for index, row in enumerate(rows):
        fault = _fault(content, row.program_id, row.line_item_id)
        if fault:
            faults.append((f"/body/rows/{index}/{fault[0]}", fault[1]))
            continue
        program = _programs(content)[str(row.program_id)]
        name = f"“{program['title']}”"
        if row.line_item_id is not None:
            name += f", “{_lines(program)[str(row.line_item_id)]['description']}”"
        words.append(f"{name}: {row.remarks}")
    _refuse(faults, len(rows))
    return "\n".join(words)


def _refuse(faults: list[tuple[str, str]], count: int) -> None:
    if faults:
        raise RowsRefused(faults, count)


def _fault(
    content: Mapping[str, Any], program_id: UUID, line_item_id: UUID | None
) -> tuple[str, str] | None:
    program = _programs(content).get(str(program_id))
    if program is None:
        return "program_id", "The submission has no such program."
    if line_item_id is not None and str(line_item_id) not in _lines(program):
        return "line_item_id", f"“{program['title']}” has no such line."
    return None


def _requested(content: Mapping[str, Any], row: RowRecommendation) -> Decimal:
    program = _programs(content)[str(row.program_id)]
    part = _lines(program)[str(row.line_item_id)] if row.line_item_id else program
    return Decimal(part["requested_amount"])


def _grant(
    program: Mapping[str, Any],
    told: Mapping[tuple[UUID, UUID | None], RowRecommendation],
    known: Mapping[str, Decimal],
) -> Grant:
    program_id = UUID(program["id"])
    whole = told.get((program_id, None))
    if whole is not None:
        amount = whole.recommended_amount
        asked = Decimal(program["requested_amount"])
        return Grant(program_id, asked if amount is None else amount, None)
    lines = []
    for line in program["line_items"]:
        row = told.get((program_id, UUID(line["id"])))
        requested = Decimal(line["requested_amount"])
        amount = known.get(line["id"], requested) if row is None else row.recommended_amount
        lines.append((UUID(line["id"]), requested if amount is None else amount))
    return Grant(program_id, None, lines)


def _programs(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {each["id"]: each for each in content["programs"]}


def _lines(program: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {line["id"]: line for line in program["line_items"]}
