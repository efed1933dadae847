"""Frozen reports: what was told, as of when, by whom, and how to know it again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Invalid, NotFound
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base
from services.budgeting.report_figures.model import Grouping, Question, ReportKind


class ReportNotFound(NotFound):
    """There is no such report of this organization."""

    title = "There is no such report."


class AsOfInFuture(Invalid):
    """Nobody knows the ledger of a day to come."""

    title = "A report is of a day that has begun."


class FileOfNoReport(Invalid):
    """The file carries no hash of a report of this organization."""

    title = "This is no file of a report of this organization."


class Report(TenantOwned, Base):
    """The figures that one question had at one instant; generating again makes a new version."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("org_id", "kind", "fiscal_year", "number"),
        check("kind", f"kind IN {tuple(ReportKind.__members__)}"),
        check("number", "number >= 1"),
        check("hash", "content_hash ~ '^[0-9a-f]{64}$'"),
        Index(None, "org_id", "content_hash"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.report"

    kind: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    number: Mapped[int]
    as_of: Mapped[date]
    known_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    group_by: Mapped[str] = mapped_column(Text)
    organization: Mapped[str] = mapped_column(Text)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[str] = mapped_column(Text)

    @property
    def question(self) -> Question:
        """What the ledger was asked."""
        return Question(
            kind=ReportKind(self.kind),
            fiscal_year=self.fiscal_year,
            as_of=self.as_of,
            known_at=self.known_at,
            group_by=Grouping(self.group_by),
        )

    @property
    def author(self) -> UUID:
        """Who made it."""
        return self.created_by
