"""Lines of the work and financial plan (budgeting sheet, section 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base

CENTAVO = Decimal("0.01")
HUNDRED = Decimal(100)


class WorkItemStatus(StrEnum):
    """States of a work item."""

    planned = "planned"
    in_progress = "in_progress"
    completed = "completed"
    cancelled = "cancelled"


LIVE = (WorkItemStatus.planned, WorkItemStatus.in_progress, WorkItemStatus.completed)


class WorkItemNotFound(NotFound):
    """There is no such work item for this organization."""

    title = "There is no such work item."


class WorkItemOutOfStep(Conflict):
    """The step does not fit the state of the work item."""

    title = "The work item is not in a state for this."


class PlanExceedsAllocation(Conflict):
    """A plan costs no more than what it is a plan for."""

    title = "The plan would cost more than the allocation."


class QuartersNotWhole(Invalid):
    """The four quarters do not add up."""

    title = "The four quarters must add up to the whole."


class AccomplishedInFuture(Invalid):
    """Nobody has done yet what is to be done tomorrow."""

    title = "What is accomplished is told of a day up to today."


class WorkItem(TenantOwned, Base):
    """A dated, quantified, costed piece of an allocation; obligations are charged to it."""

    __tablename__ = "work_items"
    __table_args__ = (
        tenant_fk("allocation_id", "budgeting.allocations"),
        UniqueConstraint("org_id", "allocation_id", "code"),
        check("status", "status IN ('planned', 'in_progress', 'completed', 'cancelled')"),
        check("quantity", "quantity > 0 AND quantity <= 999999999.999"),
        check("accomplished", "accomplished_quantity BETWEEN 0 AND 999999999.999"),
        check("cost", "estimated_cost_amount BETWEEN 0.01 AND 9999999999999999.99"),
        check(
            "quantities",
            "least(q1_quantity, q2_quantity, q3_quantity, q4_quantity) >= 0"
            " AND q1_quantity + q2_quantity + q3_quantity + q4_quantity = quantity",
        ),
        check(
            "costs",
            "least(q1_amount, q2_amount, q3_amount, q4_amount) >= 0"
            " AND q1_amount + q2_amount + q3_amount + q4_amount = estimated_cost_amount",
        ),
        check("target", "target_completion_on >= make_date(fiscal_year, 1, 1)"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.work_item"

    allocation_id: Mapped[UUID] = mapped_column(Uuid)
    ppa_id: Mapped[UUID | None] = mapped_column(Uuid)
    planning_work_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    output: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    q1_quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    q2_quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    q3_quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    q4_quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    estimated_cost_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    q1_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    q2_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    q3_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    q4_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    target_completion_on: Mapped[date]
    status: Mapped[str] = mapped_column(Text)
    accomplished_quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))

    @property
    def is_delayed(self) -> bool:
        """Whether its day has passed without it being completed."""
        is_under_way = self.status in (WorkItemStatus.planned, WorkItemStatus.in_progress)
        return is_under_way and self.target_completion_on < self.today

    @property
    def physical_percent(self) -> Decimal:
        """How much of the quantity is accomplished, in percent."""
        share = HUNDRED * self.accomplished_quantity / self.quantity
        return share.quantize(CENTAVO, rounding=ROUND_HALF_UP)

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that the state leaves open."""
        if self.status in (WorkItemStatus.planned, WorkItemStatus.in_progress):
            yield from ("change", "advance", "complete", "cancel")

    def check_open(self) -> None:
        """Refuse to touch what is completed or cancelled."""
        if self.status not in (WorkItemStatus.planned, WorkItemStatus.in_progress):
            raise WorkItemOutOfStep(f"It is {self.status}.")

    def settle(self) -> None:
        """Refuse quarters that do not add up; split evenly what was given without quarters."""
        for whole, part in (("quantity", "quantity"), ("estimated_cost_amount", "amount")):
            total = getattr(self, whole)
            names = [f"q{number}_{part}" for number in range(1, 5)]
            given = [getattr(self, name) for name in names]
            if given == [None] * 4:
                step = Decimal("0.001") if part == "quantity" else CENTAVO
                for name, share in zip(names, split_evenly(total, 4, step), strict=True):
                    setattr(self, name, share)
            elif None in given or sum(given) != total:
                raise QuartersNotWhole(pointer=f"/body/{names[0]}")


class Accomplishment(TenantOwned, Base):
    """How far a work item had come by a day; kept, so that a report is as of any day."""

    __tablename__ = "accomplishments"
    __table_args__ = (
        tenant_fk("work_item_id", "budgeting.work_items"),
        check("status", "status IN ('planned', 'in_progress', 'completed', 'cancelled')"),
        check("accomplished", "accomplished_quantity BETWEEN 0 AND 999999999.999"),
        Index(None, "org_id", "work_item_id", "accomplished_on"),
    )
    noun: ClassVar[str] = "budgeting.work_item"

    work_item_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(Text)
    accomplished_quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    accomplished_on: Mapped[date]


def split_evenly(total: Decimal, parts: int, step: Decimal = CENTAVO) -> Sequence[Decimal]:
    """Return `parts` shares that differ by at most one step and add up to the total exactly."""
    steps = int(total / step)
    whole, rest = divmod(steps, parts)
    return [step * (whole + (1 if number < rest else 0)) for number in range(parts)]
