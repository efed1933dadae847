"""The remembered assessments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

CLOSED = ("completed", "cancelled")
"""The states in which an assessment cannot be overdue."""


class KnownAssessment(TenantOwned, Base):
    """An assessment as last announced."""

    __tablename__ = "known_assessments"
    __table_args__ = (Index(None, "org_id", "fiscal_year", "status"),)
    noun: ClassVar[str] = "oversight.known_assessment"

    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    priority: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    region_psgc: Mapped[str | None] = mapped_column(Text)
    province_psgc: Mapped[str | None] = mapped_column(Text)
    municipality_psgc: Mapped[str | None] = mapped_column(Text)
    planned_start_on: Mapped[date]
    planned_end_on: Mapped[date]
    actual_end_on: Mapped[date | None]
    estimated_budget_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
