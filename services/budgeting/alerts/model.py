"""Alerts: their types, how long something may wait, and what is open (budgeting sheet, 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base
from services.budgeting.report_figures.model import ReportKind

DAYS_STUCK = (8, 15, 31)
"""How long something may wait for a decision before it is a warning, critical, urgent."""

DAYS_LAPSING = (60, 30, 15)
DAYS_UNPAID = (31, 91)
DAYS_UNRELEASED = 15
DAYS_TO_REPORT = 5
PERCENT_USED = (85, 95)
POINTS_BEHIND = (10, 20)
PERCENT_OFF = (10, 20)


class AlertType(StrEnum):
    """What is the matter."""

    ceiling = "ceiling"
    allotment_use = "allotment_use"
    slow_obligation = "slow_obligation"
    slow_disbursement = "slow_disbursement"
    variance = "variance"
    approval_stuck = "approval_stuck"
    release_overdue = "release_overdue"
    report_due = "report_due"
    unpaid_due = "unpaid_due"
    lapsing = "lapsing"
    work_item_late = "work_item_late"


class Severity(StrEnum):
    """How much it matters; what is urgent is the head's to look at."""

    warning = "warning"
    critical = "critical"
    urgent = "urgent"


class Benchmark(Base):
    """Which share of an allocation is to be obligated and paid by the end of a quarter."""

    __tablename__ = "benchmarks"
    __table_args__ = (
        check("quarter", "quarter BETWEEN 1 AND 4"),
        check("obligated", "obligated_percent BETWEEN 0 AND 100"),
        check("disbursed", "disbursed_percent BETWEEN 0 AND obligated_percent"),
        check("valid", "valid_from <= valid_to"),
    )

    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    obligated_percent: Mapped[int]
    disbursed_percent: Mapped[int]
    valid_from: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_to: Mapped[int | None]
    is_sample: Mapped[bool]


class ReportDeadline(Base):
    """How many days after a quarter a report of it is to be handed in."""

    __tablename__ = "report_deadlines"
    __table_args__ = (
        check("kind", f"kind IN {tuple(ReportKind.__members__)}"),
        check("days", "days BETWEEN 1 AND 366"),
        check("valid", "valid_from <= valid_to"),
    )

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    days: Mapped[int]
    valid_from: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_to: Mapped[int | None]
    is_sample: Mapped[bool]


class Alert(TenantOwned, Base):
    """One matter of one subject, from when it was first seen until it was gone."""

    __tablename__ = "alerts"
    __table_args__ = (
        check("type", f"alert_type IN {tuple(AlertType.__members__)}"),
        check("severity", f"severity IN {tuple(Severity.__members__)}"),
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
