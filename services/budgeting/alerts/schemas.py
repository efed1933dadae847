"""Shapes of alerts over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, RecordRead
from services.budgeting.alerts.model import AlertType, Severity


class AlertRead(RecordRead):
    alert_type: AlertType
    severity: Severity
    subject_type: Annotated[str, Field(description="What kind of record it is about.")]
    subject_id: Annotated[
        UUID, Field(description="Of a report that is missing, made of its kind and quarter.")
    ]
    subject_title: str
    detail: str
    cleared_at: Annotated[AwareDatetime | None, Field(description="Null: it is open.")]


class AlertPage(Page[AlertRead]):
    pass


class AlertsChecked(ReadShape):
    raised: int
    cleared: int
    open: int


class AlertFilter(ListParams):
    is_open: Annotated[bool, Field(description="False: what was cleared.")] = True
    alert_type: AlertType | None = None
    severity: Severity | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
