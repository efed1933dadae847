"""Alerts: their types, how long something may wait, and what is open (budgeting sheet, 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base

STUCK_DAYS, LONG_STUCK_DAYS = 7, 14
RELEASE_DAYS = 15
LAPSING_DAYS, SOON_LAPSING_DAYS = 60, 15
UNPAID_DAYS, LONG_UNPAID_DAYS = 30, 90
MONTHS_A_QUARTER = 3


class AlertType(StrEnum):
    """What is the matter."""

    ceiling = "ceiling"
    approval_stuck = "approval_stuck"
    release_overdue = "release_overdue"
    lapsing = "lapsing"
    unpaid_due = "unpaid_due"
    work_item_late = "work_item_late"


class Severity(StrEnum):
    """How much it matters."""

    warning = "warning"
    critical = "critical"


class Alert(TenantOwned, Base):
    """One matter of one subject, from when it was first seen until it was gone."""

    __tablename__ = "alerts"
    __table_args__ = (
        check(
            "type",
            "alert_type IN ('ceiling', 'approval_stuck', 'release_overdue', 'lapsing',"
            " 'unpaid_due', 'work_item_late')",
        ),
        check("severity", "severity IN ('warning', 'critical')"),
        check("cleared", "cleared_at >= created_at"),
        Index(
            "uq_alerts_open",
            "org_id",
            "alert_type",
            "subject_id",
            unique=True,
            postgresql_where=text("cleared_at IS NULL"),
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.alert"

    alert_type: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    subject_title: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    cleared_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Finding:
    """What the tables say today that somebody should look at."""

    alert_type: AlertType
    severity: Severity
    subject_type: str
    subject_id: UUID
    subject_title: str
    detail: str

    @property
    def key(self) -> tuple[str, UUID]:
        """What there is one open alert of."""
        return (self.alert_type, self.subject_id)


def severity_of(*, is_critical: bool) -> Severity:
    """Return how much it matters."""
    return Severity.critical if is_critical else Severity.warning


def quarter_of(today: date) -> tuple[int, date]:
    """Return the quarter of a day and its first day."""
    quarter = (today.month - 1) // MONTHS_A_QUARTER + 1
    return quarter, date(today.year, MONTHS_A_QUARTER * (quarter - 1) + 1, 1)


def release_is_due(today: date) -> bool:
    """Tell whether the quarter has run long enough that its releases should be there."""
    return today >= quarter_of(today)[1] + timedelta(days=RELEASE_DAYS)
