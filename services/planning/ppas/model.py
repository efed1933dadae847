"""The register of PPAs: fields, states and guards (planning sheet, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import SYSTEM_USER_ID, Actor
from libs.tenancy.rows import TenantOwned, check
from services.planning.db import Base
from services.planning.indicators.model import Indicator, IndicatorTold, indicator_keys

EARLIEST_YEAR = 2000
LATEST_YEAR = 2100


class PpaStatus(StrEnum):
    """States of a PPA."""

    planning = "planning"
    ongoing = "ongoing"
    completed = "completed"
    on_hold = "on_hold"
    cancelled = "cancelled"


class PpaNotFound(NotFound):
    """There is no such PPA for this organization."""

    title = "There is no such PPA."


class PpaCodeTaken(Conflict):
    """A code names one PPA of an organization in a fiscal year."""

    title = "Another PPA of this fiscal year has this code."


class PpaNotInPlanning(Conflict):
    """What has begun or was cancelled is no longer edited, deleted or begun."""

    title = "The PPA is no longer in planning."


class PpaNotFunded(Conflict):
    """Work begins on an approved budget."""

    title = "The PPA has no approved budget yet."


class PpaYearNotBegun(Conflict):
    """Work begins in the fiscal year, not before."""

    title = "The PPA's fiscal year has not begun."


class PpaNotOngoing(Conflict):
    """Only work that goes on is held or completed."""

    title = "The PPA is not ongoing."


class PpaNotOnHold(Conflict):
    """Only work on hold is resumed."""

    title = "The PPA is not on hold."


class PpaNotCompleted(Conflict):
    """Only completed work is reopened."""

    title = "The PPA is not completed."


class PpaClosed(Conflict):
    """What is completed or cancelled is not cancelled."""

    title = "The PPA is completed or cancelled already."


class EndNotValid(Invalid):
    """Work ends after its fiscal year begins and not in the future."""

    title = "The actual end lies between the start of the fiscal year and today."


class Ppa(TenantOwned, Base):
    """A program, project or activity: the unit of work that is planned, funded and monitored."""

    __tablename__ = "ppas"
    __table_args__ = (
        UniqueConstraint("org_id", "fiscal_year", "code"),
        UniqueConstraint("org_id", "fiscal_year", "source_key"),
        check("fiscal_year", "fiscal_year BETWEEN 2000 AND 2100"),
        check("status", "status IN ('planning', 'ongoing', 'completed', 'on_hold', 'cancelled')"),
        check("budget_positive", "approved_budget_amount >= 0"),
        check("ended", "(status = 'completed') = (actual_end_on IS NOT NULL)"),
        check("reason", "status NOT IN ('on_hold', 'cancelled') OR status_reason <> ''"),
        check(
            "source",
            "num_nulls(source_file, source_position, source_key, source_digest) IN (0, 4)",
        ),
        Index(None, "org_id", "created_at", "id"),
        Index(None, "org_id", "fiscal_year", "status"),
        Index(None, "org_id", "status"),
    )
    noun: ClassVar[str] = "planning.ppa"

    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    status_reason: Mapped[str] = mapped_column(Text)
    actual_end_on: Mapped[date | None]
    approved_budget_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    source_file: Mapped[str | None] = mapped_column(Text)
    source_position: Mapped[str | None] = mapped_column(Text)
    source_key: Mapped[str | None] = mapped_column(Text)
    source_digest: Mapped[str | None] = mapped_column(Text)
    indicators: Mapped[list[Indicator]] = relationship(
        lazy="raise", order_by=Indicator.position, cascade="all, delete-orphan"
    )

    @property
    def indicators_count(self) -> int:
        """Number of indicators."""
        return len(self.indicators)

    @property
    def is_edited_by_hand(self) -> bool:
        """Whether a person changed it last: then no file overwrites it."""
        return self.updated_by != SYSTEM_USER_ID

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that the state leaves open."""
        for verb in _OPEN[self.status]:
            if verb != "advance" or not self._reasons_not_to_begin():
                yield verb

    def put_indicators(self, told: Sequence[IndicatorTold]) -> bool:
        """Take these for all indicators; one that is told again stays the same record.

        Returns whether anything differs from before.
        """
        before = [each.told for each in self.indicators]
        held = dict(zip(indicator_keys(before), self.indicators, strict=True))
        now = []
        for position, (key, each) in enumerate(zip(indicator_keys(told), told, strict=True), 1):
            indicator = held.get(key) or Indicator()
            indicator.put(each, position)
            now.append(indicator)
        self.indicators = now
        return before != list(told)

    def check_in_planning(self) -> None:
        """Refuse to edit or delete what is not in planning any more."""
        if self.status != PpaStatus.planning:
            raise PpaNotInPlanning(f"It is {self.status}.")

    def advance(self) -> None:
        """Begin the work: on an approved budget, in its fiscal year."""
        self.check_in_planning()
        for reason in self._reasons_not_to_begin():
            raise reason
        self._move(PpaStatus.ongoing)

    def hold(self, *, reason: str) -> None:
        """Interrupt the work, with a reason."""
        self._check_ongoing()
        self._move(PpaStatus.on_hold, reason)

    def resume(self) -> None:
        """Go on with the work."""
        if self.status != PpaStatus.on_hold:
            raise PpaNotOnHold(f"It is {self.status}.")
        self._move(PpaStatus.ongoing)

    def complete(self, *, actual_end_on: date) -> None:
        """End the work that was carried through, on the day it ended."""
        self._check_ongoing()
        if not date(self.fiscal_year, 1, 1) <= actual_end_on <= self.today:
            raise EndNotValid(pointer="/body/actual_end_on")
        self._move(PpaStatus.completed)
        self.actual_end_on = actual_end_on

    def reopen(self, *, reason: str) -> None:
        """Take up completed work again, with a reason."""
        if self.status != PpaStatus.completed:
            raise PpaNotCompleted(f"It is {self.status}.")
        self._move(PpaStatus.ongoing, reason)
        self.actual_end_on = None

    def cancel(self, *, reason: str) -> None:
        """Give the work up, with a reason; nothing follows."""
        if self.status in (PpaStatus.completed, PpaStatus.cancelled):
            raise PpaClosed(f"It is {self.status}.")
        self._move(PpaStatus.cancelled, reason)

    def _move(self, status: PpaStatus, reason: str = "") -> None:
        self.status, self.status_reason = status, reason

    def _check_ongoing(self) -> None:
        if self.status != PpaStatus.ongoing:
            raise PpaNotOngoing(f"It is {self.status}.")

    def _reasons_not_to_begin(self) -> list[Conflict]:
        reasons: list[Conflict] = []
        if self.approved_budget_amount is None:
            reasons.append(PpaNotFunded("Record the approved amount first."))
        if self.today < date(self.fiscal_year, 1, 1):
            reasons.append(PpaYearNotBegun(f"It begins on 1 January {self.fiscal_year}."))
        return reasons


_OPEN: dict[str, tuple[str, ...]] = {
    PpaStatus.planning: ("change", "delete", "advance", "cancel"),
    PpaStatus.ongoing: ("hold", "complete", "cancel"),
    PpaStatus.on_hold: ("resume", "cancel"),
    PpaStatus.completed: ("reopen",),
    PpaStatus.cancelled: (),
}
