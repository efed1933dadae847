"""Shapes of imports of line items over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, RecordRead
from services.budgeting.line_item_imports.model import ImportStatus

MOST_SHOWN = 1000
_FIRST = BeforeValidator(lambda rows: rows[:MOST_SHOWN])


class CellChange(ReadShape):
    column: str
    before: str
    after: str


class RowDifference(ReadShape):
    row: Annotated[int, Field(description="Row of the workbook, as the spreadsheet counts.")]
    action: Literal["add", "change", "remove"]
    line_item_id: UUID | None
    cells: list[CellChange]


class RowRejection(ReadShape):
    row: int
    column: Annotated[str, Field(description="Heading of the column at fault.")]
    reason: str


class LineItemImportSummary(RecordRead):
    proposal_id: UUID
    status: ImportStatus
    rows_read: int
    rows_added: int
    rows_changed: int
    rows_removed: int
    rows_unchanged: int
    rows_rejected: int
    applied_at: AwareDatetime | None
    undone_at: AwareDatetime | None


class LineItemImportRead(LineItemImportSummary):
    differences: Annotated[
        list[RowDifference],
        _FIRST,
        Field(description=f"Cell by cell; the first {MOST_SHOWN} rows."),
    ]
    rejections: Annotated[
        list[RowRejection],
        _FIRST,
        Field(description=f"Rows not taken, and why; the first {MOST_SHOWN}."),
    ]


class LineItemImportPage(Page[LineItemImportSummary]):
    pass


class LineItemImportFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "-created_at"
