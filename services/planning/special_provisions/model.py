"""Special provisions as published with the PPAs of an organization."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.planning.db import Base


class SpecialProvision(TenantOwned, Base):
    """One special provision of an organization's appropriation in one fiscal year."""

    __tablename__ = "special_provisions"
    __table_args__ = (
        UniqueConstraint("org_id", "fiscal_year", "source_key"),
        check("fiscal_year", "fiscal_year BETWEEN 2000 AND 2100"),
        Index(None, "org_id", "position", "id"),
        Index(None, "org_id", "fiscal_year", "position"),
    )
    noun: ClassVar[str] = "planning.special_provision"

    fiscal_year: Mapped[int]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    source_file: Mapped[str] = mapped_column(Text)
    source_position: Mapped[str] = mapped_column(Text)
    source_key: Mapped[str] = mapped_column(Text)

    def is_told(self, title: str, details: str) -> bool:
        """Whether it says this already."""
        return (self.title, self.details) == (title, details)
