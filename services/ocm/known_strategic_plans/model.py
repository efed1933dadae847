"""The remembered plans, and which of them count."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

IN_FORCE = ("approved", "active")
"""The states that cover a year (P1)."""

MEASURED = ("active", "completed")
"""The states in which goals take readings, or took them to the end."""


class KnownStrategicPlan(TenantOwned, Base):
    """A plan as last announced. `goals_progress` is the sum of weight times percent done."""

    __tablename__ = "known_strategic_plans"
    __table_args__ = (Index(None, "org_id", "start_year", "end_year"),)
    noun: ClassVar[str] = "oversight.known_strategic_plan"

    title: Mapped[str] = mapped_column(Text)
    start_year: Mapped[int]
    end_year: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    goals_by_status: Mapped[dict[str, int]] = mapped_column(JSONB)
    goals_weight: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    goals_progress: Mapped[Decimal] = mapped_column(Numeric(18, 4))
