"""What budgeting announces about reports."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.outbox.event import Event
from services.budgeting.reports.model import Report


class ReportFinalised(Event):
    """Two certified the figures and the head approved them; they may be handed in."""

    subject: ClassVar[str] = "budgeting.report.finalised.v1"

    report_id: UUID
    kind: str
    fiscal_year: int
    quarter: int
    number: int
    as_of: date
    content_hash: str
    totals: dict[str, str]

    @classmethod
    def about(cls, report: Report) -> Self:
        """Return this event for a report."""
        columns, totals = report.figures["columns"], report.figures["totals"]
        return cls(
            report_id=report.id,
            kind=report.kind,
            fiscal_year=report.fiscal_year,
            quarter=report.quarter,
            number=report.number,
            as_of=report.as_of,
            content_hash=report.content_hash,
            totals={
                column["key"]: total
                for column, total in zip(columns, totals, strict=True)
                if total is not None
            },
        )
