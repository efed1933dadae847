"""Budget scenarios: fields, states, guards (budgeting sheet, section 10)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base
from services.budgeting.line_items.model import LARGEST, AmountTooLarge
from services.budgeting.programs.model import ZERO
from services.budgeting.scenario_rows.model import (
    RowStatus,
    ScenarioRow,
    SourceShare,
    Weights,
    funding_mix,
)


class ScenarioKind(StrEnum):
    """What a scenario is about; one baseline a year is live."""

    baseline = "baseline"
    optimistic = "optimistic"
    conservative = "conservative"
    needs_based = "needs_based"
    equity_focused = "equity_focused"
    custom = "custom"


class ScenarioStatus(StrEnum):
    """States of a scenario; implemented means that it was applied to a proposal's draft."""

    draft = "draft"
    under_review = "under_review"
    approved = "approved"
    implemented = "implemented"
    archived = "archived"


DECIDED = (ScenarioStatus.approved, ScenarioStatus.implemented)
BASELINE = text("kind = 'baseline' AND status <> 'archived'")


class ScenarioNotFound(NotFound):
    """There is no such scenario of this organization."""

    title = "There is no such scenario."


class ScenarioOutOfStep(Conflict):
    """The step does not fit the state of the scenario."""

    title = "The scenario is not in a state for this."


class BaselineExists(Conflict):
    """A year is compared with one baseline."""

    title = "There is a baseline of this fiscal year already; archive it first."


class ScenarioIncomplete(Conflict):
    """What is submitted gives something to some PPA, and no more than its total."""

    title = "The scenario cannot be submitted yet."


class RowUnknown(Invalid):
    """A decision names a PPA that the scenario does not have."""

    title = "The scenario has no such PPA."


class PreparerMayNotDecide(Forbidden):
    """Who made, edited or submitted a scenario never decides on it."""

    title = "Someone who did not prepare the scenario must decide on it."


class Scenario(TenantOwned, Base):
    """One way to spend the money of a year, by PPA; its sum is that of its rows at every commit."""

    __tablename__ = "scenarios"
    __table_args__ = (
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("kind", f"kind IN {tuple(ScenarioKind.__members__)}"),
        check("status", f"status IN {tuple(ScenarioStatus.__members__)}"),
        check("weights", "least(need_weight, coverage_weight, goals_weight) >= 0"),
        check("weights_sum", "need_weight + coverage_weight + goals_weight = 1"),
        check("total", f"total_amount BETWEEN 0.01 AND {LARGEST}"),
        check("allocated", f"allocated_amount BETWEEN 0 AND {LARGEST}"),
        check("within", "status IN ('draft', 'archived') OR allocated_amount <= total_amount"),
        check("preparers", "created_by = ANY (preparers)"),
        check("decided", "(decided_at IS NULL) = (decided_by IS NULL)"),
        check(
            "decided_known", "status NOT IN ('approved', 'implemented') OR decided_by IS NOT NULL"
        ),
        check("decider", "decided_by <> ALL (preparers)"),
        check("applied", "(status = 'implemented') <= (applied_proposal_id IS NOT NULL)"),
        Index(
            "uq_scenarios_baseline", "org_id", "fiscal_year", unique=True, postgresql_where=BASELINE
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.scenario"

    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    need_weight: Mapped[Decimal] = mapped_column(Numeric(3, 2))
    coverage_weight: Mapped[Decimal] = mapped_column(Numeric(3, 2))
    goals_weight: Mapped[Decimal] = mapped_column(Numeric(3, 2))
    total_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    allocated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    preparers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    applied_proposal_id: Mapped[UUID | None] = mapped_column(Uuid)
    rows: Mapped[list[ScenarioRow]] = relationship(
        lazy="raise",
        order_by=(ScenarioRow.ppa_code, ScenarioRow.id),
        cascade="all, delete-orphan",
        back_populates="scenario",
    )

    @property
    def weights(self) -> Weights:
        """How much each part of a score counts."""
        return Weights(self.need_weight, self.coverage_weight, self.goals_weight)

    @weights.setter
    def weights(self, told: Weights) -> None:
        self.need_weight, self.coverage_weight, self.goals_weight = (
            told.need,
            told.coverage,
            told.goals,
        )

    @property
    def funding_mix(self) -> list[SourceShare]:
        """What it takes from which source."""
        return funding_mix(self.rows)

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; its preparers never decide."""
        if self.status == ScenarioStatus.draft:
            yield from ("change", "submit", "delete", "archive")
        elif self.status == ScenarioStatus.under_review:
            if actor.user_id not in self.preparers:
                yield from ("approve", "return")
        elif self.status in DECIDED:
            yield from ("apply", "archive")

    def prepare(self, *, by: UUID, at: datetime) -> None:
        """Open a draft to a change and count who makes it among its preparers."""
        self._check_status(ScenarioStatus.draft)
        if by not in self.preparers:
            self.preparers = [*self.preparers, by]
        self.touch(at)

    def recount(self) -> None:
        """Derive the allocated amount from the rows that count."""
        self.allocated_amount = sum((row.amount for row in self.rows if row.is_in), ZERO)
        if self.allocated_amount > LARGEST:
            raise AmountTooLarge("The rows add up to too much.", pointer="/body/rows")

    def submit(self, *, by: UUID, at: datetime) -> None:
        """Ask for the decision; it is not changed from here on unless it is returned."""
        self.prepare(by=by, at=at)
        if not self.allocated_amount:
            raise ScenarioIncomplete("Give an amount to at least one PPA.")
        if self.allocated_amount > self.total_amount:
            raise ScenarioIncomplete(
                f"The rows make {self.allocated_amount}, the total is {self.total_amount}."
            )
        self.remarks = ""
        self._stand(ScenarioStatus.under_review, RowStatus.pending_review)

    def return_(self, *, by: UUID, remarks: str) -> None:
        """Give it back to its preparers with remarks."""
        self._check_decider(by)
        self.remarks = remarks
        self._stand(ScenarioStatus.draft, RowStatus.proposed)

    def approve(self, *, by: UUID, at: datetime, rejected: Collection[UUID]) -> None:
        """Stand for it without the PPAs that are turned down, whose money is free again."""
        self._check_decider(by)
        if unknown := set(rejected) - {row.ppa_id for row in self.rows}:
            raise RowUnknown(f"It is {min(unknown)}.", pointer="/body/rejected_ppa_ids")
        self._stand(ScenarioStatus.approved, RowStatus.approved)
        for row in self.rows:
            if row.ppa_id in rejected:
                row.status = RowStatus.rejected
        self.decided_by, self.decided_at = by, at
        self.recount()

    def check_applicable(self) -> None:
        """Refuse to apply what nobody has decided on."""
        if self.status not in DECIDED:
            raise ScenarioOutOfStep(f"It is {self.status}; only an approved one is applied.")

    def implement(self, proposal_id: UUID, *, at: datetime) -> None:
        """Note the draft that it was applied to."""
        self.status, self.applied_proposal_id = ScenarioStatus.implemented, proposal_id
        self.touch(at)

    def archive(self) -> None:
        """Put it away; a baseline makes room for another one."""
        if self.status in (ScenarioStatus.under_review, ScenarioStatus.archived):
            raise ScenarioOutOfStep(f"It is {self.status}.")
        self.status = ScenarioStatus.archived

    def check_deletable(self) -> None:
        """Refuse to delete what is no draft."""
        self._check_status(ScenarioStatus.draft)

    def _stand(self, status: ScenarioStatus, of_rows: RowStatus) -> None:
        self.status = status
        for row in self.rows:
            row.status = of_rows

    def _check_status(self, wanted: ScenarioStatus) -> None:
        if self.status != wanted:
            raise ScenarioOutOfStep(f"It is {self.status}.")

    def _check_decider(self, by: UUID) -> None:
        self._check_status(ScenarioStatus.under_review)
        if by in self.preparers:
            raise PreparerMayNotDecide
