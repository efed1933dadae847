"""Line items: fields, the derived amount, the quarters (budgeting sheet, sections 4.3 and 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base

CENTAVO = Decimal("0.01")
LARGEST = Decimal("9999999999999999.99")
# A price of 18 digits times a quantity of 12 does not fit in the usual 28 digits.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


class ExpenseClass(StrEnum):
    """Personnel services, maintenance and other operating, financial expenses, capital outlays."""

    ps = "ps"
    mooe = "mooe"
    fe = "fe"
    co = "co"


class LineItemNotFound(NotFound):
    """The program has no such line item."""

    title = "This program has no such line item."


class AmountTooLarge(Invalid):
    """A product or a sum is larger than any amount may be."""

    title = "The amount would exceed 9999999999999999.99."


class QuartersIncomplete(Invalid):
    """A split by quarter names all four or none."""

    title = "Give all four quarters, 0.00 where nothing falls due, or none of them."


class QuartersNotTotal(Invalid):
    """The four quarters do not add up to the line's amount."""

    title = "The four quarters must add up to unit cost times quantity."


def line_amount(unit_cost: Decimal, quantity: Decimal) -> Decimal:
    """Return unit cost times quantity, rounded half up to the centavo."""
    return EXACT.quantize(EXACT.multiply(unit_cost, quantity), CENTAVO)


class LineItem(TenantOwned, Base):
    """One thing to pay for: what it is, of which class, at which price, how much of it."""

    __tablename__ = "line_items"
    __table_args__ = (
        tenant_fk("program_id", "budgeting.programs"),
        check("expense_class", "expense_class IN ('ps', 'mooe', 'fe', 'co')"),
        check("object_code", "object_code ~ '^[0-9]{8}([0-9]{2})?$'"),
        # BETWEEN and not >=: to PostgreSQL NaN is larger than every number.
        check("unit_cost", "unit_cost_amount BETWEEN 0 AND 9999999999999999.99"),
        check("quantity", "quantity > 0 AND quantity <= 999999999.999"),
        check("requested", "requested_amount = round(unit_cost_amount * quantity, 2)"),
        check("approved", "approved_amount BETWEEN 0 AND requested_amount"),
        check("quarters", "num_nonnulls(q1_amount, q2_amount, q3_amount, q4_amount) IN (0, 4)"),
        check("quarters_sum", "q1_amount + q2_amount + q3_amount + q4_amount = requested_amount"),
        check("quarters_positive", "least(q1_amount, q2_amount, q3_amount, q4_amount) >= 0"),
        Index(None, "org_id", "program_id", "display_order"),
    )
    noun: ClassVar[str] = "budgeting.proposal"

    program_id: Mapped[UUID] = mapped_column(Uuid)
    display_order: Mapped[int]
    expense_class: Mapped[str] = mapped_column(Text)
    object_code: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    unit_cost_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    justification: Mapped[str] = mapped_column(Text)
    sub_category: Mapped[str] = mapped_column(Text, default="")
    procurement_mode: Mapped[str] = mapped_column(Text, default="")
    procurement_reference: Mapped[str] = mapped_column(Text, default="")
    q1_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    q2_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    q3_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    q4_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    requested_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    approved_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    program: Mapped[Any] = relationship("Program", lazy="raise", back_populates="line_items")

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return `change` as long as the proposal is open to it."""
        open_now: Iterable[str] = self.program.open_actions(actor)
        return open_now

    def price(self, pointer: str = "/body") -> None:
        """Derive the amount and refuse quarters that do not add up to it."""
        self.requested_amount = line_amount(self.unit_cost_amount, self.quantity)
        if self.requested_amount > LARGEST:
            raise AmountTooLarge(
                "Unit cost times quantity is too large.", pointer=f"{pointer}/unit_cost_amount"
            )
        quarters = (self.q1_amount, self.q2_amount, self.q3_amount, self.q4_amount)
        given = [amount for amount in quarters if amount is not None]
        if not given:
            return
        if len(given) < len(quarters):
            missing = 1 + quarters.index(None)
            raise QuartersIncomplete(pointer=f"{pointer}/q{missing}_amount")
        if sum(given) != self.requested_amount:
            raise QuartersNotTotal(
                f"They make {sum(given)}, the line makes {self.requested_amount}.",
                pointer=f"{pointer}/q1_amount",
            )


@dataclass(frozen=True, slots=True)
class ClassTotal:
    """What is asked for and granted in one expense class."""

    expense_class: str
    requested_amount: Decimal
    approved_amount: Decimal | None


def totals_by_class(lines: Iterable[LineItem]) -> list[ClassTotal]:
    """Return the sums of the classes that occur, in the order PS, MOOE, FE, CO."""
    by_class: dict[str, list[LineItem]] = {each: [] for each in ExpenseClass}
    for line in lines:
        by_class[line.expense_class].append(line)
    return [
        ClassTotal(
            expense_class,
            sum((line.requested_amount for line in some), Decimal("0.00")),
            _sum_if_known([line.approved_amount for line in some]),
        )
        for expense_class, some in by_class.items()
        if some
    ]


def _sum_if_known(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal("0.00")) if len(known) == len(amounts) else None
