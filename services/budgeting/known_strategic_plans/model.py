"""The remembered strategic plans of the organization, with the ids of their goals."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.budgeting.db import Base


class KnownStrategicPlan(TenantOwned, Base):
    """A plan as last announced by planning; drafts are never announced."""

    __tablename__ = "known_strategic_plans"
    __table_args__ = (Index(None, "org_id", "start_year", "end_year"),)
    noun: ClassVar[str] = "budgeting.known_strategic_plan"

    title: Mapped[str] = mapped_column(Text)
    start_year: Mapped[int]
    end_year: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    goal_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
