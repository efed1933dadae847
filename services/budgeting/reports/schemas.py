"""Shapes of reports over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, Shape, Title
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.fiscal_years.schemas import Year
from services.budgeting.report_figures.model import Grouping, ReportKind
from services.budgeting.reports.model import Capacity


class ReportCreate(Shape):
    kind: ReportKind
    fiscal_year: Year
    as_of: Annotated[date | None, Field(description="A day up to today; today when left out.")] = (
        None
    )
    group_by: Annotated[Grouping, Field(description="By what the status report adds up.")] = (
        Grouping.program
    )


class ReportSign(Shape):
    name: Annotated[Title, Field(description="The name as it stands under the report.")]
    position: Title


class ReportSubmit(ReportSign):
    submitted_on: Annotated[
        date | None, Field(description="The day it was handed in; today when left out.")
    ] = None


class SignatureRead(ReadShape):
    capacity: Capacity
    name: str
    position: str
    signed_on: date
    created_by: UUID
    created_at: AwareDatetime


class ReportSummary(ReadShape):
    id: UUID
    kind: ReportKind
    fiscal_year: int
    number: Annotated[int, Field(description="Version of this kind and year, from 1.")]
    as_of: date
    known_at: AwareDatetime
    quarter: int
    group_by: Grouping
    organization: str
    state: Annotated[str, Field(description="made, certified, approved or submitted.")]
    signatures: list[SignatureRead]
    allowed_actions: list[str]
    content_hash: str
    created_by: UUID
    created_at: AwareDatetime


class ReportRead(ReportSummary):
    figures: Annotated[
        dict[str, Any], Field(description="title, columns, rows and totals; amounts as strings.")
    ]


class ReportPage(Page[ReportSummary]):
    pass


class ReportFilter(ListParams):
    kind: ReportKind | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    sort: Literal["created_at", "-created_at", "as_of", "-as_of"] = "-created_at"


class CheckRead(ReadShape):
    """What a file is worth: whether it is the record's, and whether the ledger still says so."""

    report_id: UUID
    content_hash: str
    is_unchanged: Annotated[bool, Field(description="The file is what the record would print.")]
    is_current: Annotated[bool, Field(description="The ledger still gives the same figures.")]
    differing_lines: Annotated[
        list[str], Field(description="Lines of the file and of the record that differ.")
    ]
    differing_rows: Annotated[
        list[str], Field(description="Rows of the record and of the ledger that differ.")
    ]
