"""The remembered needs assessments of the organization."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.budgeting.db import Base


class KnownAssessment(TenantOwned, Base):
    """An assessment as last announced by mana; a program may rest on it."""

    __tablename__ = "known_assessments"
    __table_args__ = (Index(None, "org_id", "fiscal_year"),)
    noun: ClassVar[str] = "budgeting.known_assessment"

    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
