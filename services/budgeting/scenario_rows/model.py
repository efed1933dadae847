"""Rows of scenarios: their score, and two ways to share a total over them (sheet, section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Invalid
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base
from services.budgeting.funding_sources.model import SOURCES_SQL
from services.budgeting.line_items.model import LARGEST
from services.budgeting.programs.model import ZERO, shared

NEED_POINTS, COVERAGE_POINTS, GOAL_POINTS = 10, 5, 15
MOST_COUNTED = 100_000


class RowStatus(StrEnum):
    """How a row stands: as its scenario does, and in the end as it was decided."""

    proposed = "proposed"
    pending_review = "pending_review"
    approved = "approved"
    rejected = "rejected"


class AmountAboveCost(Invalid):
    """A PPA gets no more than it costs."""

    title = "The amount cannot exceed what the PPA costs."


@dataclass(frozen=True, slots=True)
class Weights:
    """How much needs, communities and goals count; together 1."""

    need: Decimal
    coverage: Decimal
    goals: Decimal


class ScenarioRow(TenantOwned, Base):
    """One PPA of a scenario; its code and title are those of the register when it was entered."""

    __tablename__ = "scenario_rows"
    __table_args__ = (
        tenant_fk("scenario_id", "budgeting.scenarios"),
        UniqueConstraint("org_id", "scenario_id", "ppa_id"),
        check("status", f"status IN {tuple(RowStatus.__members__)}"),
        check("funding_source", f"funding_source IN ({SOURCES_SQL})"),
        check("cost", f"cost_amount BETWEEN 0.01 AND {LARGEST}"),
        check("amount", "amount BETWEEN 0 AND cost_amount"),
        check(
            "counts",
            f"least(needs, communities, goals) >= 0"
            f" AND greatest(needs, communities, goals) <= {MOST_COUNTED}",
        ),
    )
    noun: ClassVar[str] = "budgeting.scenario"

    scenario_id: Mapped[UUID] = mapped_column(Uuid)
    ppa_id: Mapped[UUID] = mapped_column(Uuid)
    ppa_code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str | None] = mapped_column(Text)
    cost_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    needs: Mapped[int]
    communities: Mapped[int]
    goals: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    scenario: Mapped[Any] = relationship("Scenario", lazy="raise", back_populates="rows")

    @property
    def is_in(self) -> bool:
        """Whether its amount counts: it does unless it was turned down."""
        return self.status != RowStatus.rejected

    @property
    def score(self) -> Decimal:
        """Return needs x 10, communities x 5 and goals x 15, each by its weight; never stored."""
        weights: Weights = self.scenario.weights
        return (
            weights.need * NEED_POINTS * self.needs
            + weights.coverage * COVERAGE_POINTS * self.communities
            + weights.goals * GOAL_POINTS * self.goals
        )

    @property
    def efficiency(self) -> Fraction:
        """What a peso of its cost achieves, exactly."""
        return Fraction(self.score) / Fraction(self.cost_amount)

    def check_amount(self, pointer: str) -> None:
        """Refuse an amount beyond the cost."""
        if self.amount > self.cost_amount:
            raise AmountAboveCost(f"It costs {self.cost_amount}.", pointer=f"{pointer}/amount")


class Method(StrEnum):
    """How a total is shared: whole PPAs, the most efficient first; or each in proportion."""

    efficiency = "efficiency"
    proportion = "proportion"


def suggest(rows: Sequence[ScenarioRow], total: Decimal, method: Method) -> dict[UUID, Decimal]:
    """Return an amount for every row by its PPA, together never more than the total."""
    if method == Method.efficiency:
        return _by_efficiency(rows, total)
    return _in_proportion(rows, total)


def _by_efficiency(rows: Sequence[ScenarioRow], total: Decimal) -> dict[UUID, Decimal]:
    """Fund whole PPAs, the best score for the peso first; what does not fit is passed over."""
    left, given = total, {row.ppa_id: ZERO for row in rows}
    for row in sorted(rows, key=lambda one: (-one.efficiency, one.cost_amount, one.ppa_id)):
        if row.cost_amount <= left:
            given[row.ppa_id] = row.cost_amount
            left -= row.cost_amount
    return given


def _in_proportion(rows: Sequence[ScenarioRow], total: Decimal) -> dict[UUID, Decimal]:
    """Cut all in proportion to what they have, or share what is more by what they lack."""
    amounts = [row.amount for row in rows]
    have = sum(amounts, ZERO)
    if total <= have:
        parts = shared(total, amounts)
    else:
        lacks = [row.cost_amount - row.amount for row in rows]
        more = shared(min(total - have, sum(lacks, ZERO)), lacks)
        parts = [amount + part for amount, part in zip(amounts, more, strict=True)]
    return {row.ppa_id: part for row, part in zip(rows, parts, strict=True)}


@dataclass(frozen=True, slots=True)
class SourceShare:
    """What a scenario takes from one source, or from one that is not named yet."""

    funding_source: str | None
    amount: Decimal
    share_percent: Decimal | None


def funding_mix(rows: Iterable[ScenarioRow]) -> list[SourceShare]:
    """Return the amount and share of every source that occurs; of nothing there is no share."""
    sums: dict[str | None, Decimal] = {}
    for row in rows:
        if row.is_in:
            sums[row.funding_source] = sums.get(row.funding_source, ZERO) + row.amount
    total = sum(sums.values(), ZERO)
    return [
        SourceShare(source, amount, 100 * amount / total if total else None)
        for source, amount in sorted(sums.items(), key=lambda each: (-each[1], each[0] or ""))
    ]
