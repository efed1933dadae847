"""Ceilings of budget calls: fields and what they refuse (budgeting sheet, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base
from services.budgeting.funding_sources.model import SOURCES_SQL

CRITICAL_PERCENT = Decimal(98)


class Enforcement(StrEnum):
    """A hard ceiling refuses what exceeds it, a soft one warns."""

    hard = "hard"
    soft = "soft"


class CeilingNotFound(NotFound):
    """There is no such ceiling of this organization."""

    title = "There is no such ceiling."


class CeilingExists(Conflict):
    """A call has one ceiling for the same organization, source, class and sector."""

    title = "There is a ceiling for this already."


class CeilingExceeded(Conflict):
    """A hard ceiling leaves less than is proposed."""

    title = "This would exceed a ceiling of the budget call."


class CeilingBelowUse(Conflict):
    """More is submitted or approved already."""

    title = "More than this is submitted or approved under the ceiling already."


class Ceiling(TenantOwned, Base):
    """The most that may be proposed; null columns stand for every value."""

    __tablename__ = "ceilings"
    __table_args__ = (
        tenant_fk("budget_call_id", "budgeting.budget_calls"),
        check("amount", "amount BETWEEN 0 AND 9999999999999999.99"),
        check("enforcement", "enforcement IN ('hard', 'soft')"),
        check("warn_at", "warn_at_percent BETWEEN 1 AND 100"),
        check("expense_class", "expense_class IN ('ps', 'mooe', 'fe', 'co')"),
        check("funding_source", f"funding_source IN ({SOURCES_SQL})"),
        Index(
            "uq_ceilings_key",
            "org_id",
            "budget_call_id",
            "for_org_id",
            "funding_source",
            "expense_class",
            "sector",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.ceiling"

    budget_call_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    for_org_id: Mapped[UUID | None] = mapped_column(Uuid)
    funding_source: Mapped[str | None] = mapped_column(Text)
    expense_class: Mapped[str | None] = mapped_column(Text)
    sector: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    enforcement: Mapped[str] = mapped_column(Text)
    warn_at_percent: Mapped[int]

    @property
    def used_amount(self) -> Decimal | None:
        """What is submitted and approved under it, as the queries derive it; never stored."""
        used: Decimal | None = self.__dict__.get("_used_amount")
        return used

    @used_amount.setter
    def used_amount(self, amount: Decimal) -> None:
        self.__dict__["_used_amount"] = amount

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002
        """Return what its issuer may always do; the amount never falls below what is used."""
        yield from ("change", "delete")

    def covers(self, total: Mapping[str, Any]) -> bool:
        """Tell whether a part of a proposal counts under this ceiling."""
        return all(
            getattr(self, name) in (None, total[name])
            for name in ("funding_source", "expense_class", "sector")
        )

    def covered(self, totals: Iterable[Mapping[str, Any]]) -> Decimal:
        """Return how much of the parts of a proposal counts under this ceiling."""
        parts = (Decimal(total["amount"]) for total in totals if self.covers(total))
        return sum(parts, Decimal("0.00"))

    def words(self) -> str:
        """Name the ceiling in a sentence."""
        parts = (self.funding_source, self.expense_class, self.sector)
        return ", ".join(part for part in parts if part) or "everything"

    @property
    def used_percent(self) -> Decimal | None:
        """The used share; null when nothing may be used at all."""
        if self.used_amount is None or not self.amount:
            return None
        percent = self.used_amount * 100 / self.amount
        return percent.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    @property
    def level(self) -> str | None:
        """How near the ceiling is: ok, near, critical, exceeded."""
        if self.used_amount is None:
            return None
        if self.used_amount > self.amount:
            return "exceeded"
        used = self.used_amount * 100
        if used >= CRITICAL_PERCENT * self.amount > 0:
            return "critical"
        return "near" if used >= self.warn_at_percent * self.amount > 0 else "ok"
