"""What a closing found on each level of a year's money, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base

TOTALS = (
    "appropriated_amount",
    "lapsed_amount",
    "continued_amount",
    "obligated_amount",
    "disbursed_amount",
    "due_amount",
    "not_yet_due_amount",
)
"""What a closing adds up; the second to the fourth make the first, the last three the fourth."""


class Level(StrEnum):
    """The levels at which a year's money lies free."""

    item = "item"
    allocation = "allocation"
    allotment = "allotment"


class YearEndLine(TenantOwned, Base):
    """What a closing found on one item, allocation or allotment, and did with what was free.

    `rest_amount` is what the level below had not taken: it lapses or continues. `lapsed_amount`
    was taken off here, what lapsed below included; `posting_id` is that line of the ledger.
    """

    __tablename__ = "year_end_lines"
    __table_args__ = (
        tenant_fk("year_end_id", "budgeting.year_ends"),
        tenant_fk("item_id", "budgeting.appropriation_items"),
        tenant_fk("allocation_id", "budgeting.allocations"),
        tenant_fk("allotment_id", "budgeting.allotments"),
        tenant_fk("posting_id", "budgeting.postings"),
        UniqueConstraint(
            "org_id",
            "year_end_id",
            "item_id",
            "allocation_id",
            "allotment_id",
            name="uq_year_end_lines_place",
            postgresql_nulls_not_distinct=True,
        ),
        check("level", "level IN ('item', 'allocation', 'allotment')"),
        check(
            "place",
            "num_nonnulls(allocation_id, allotment_id) ="
            " CASE level WHEN 'item' THEN 0 WHEN 'allocation' THEN 1 ELSE 2 END",
        ),
        check("rest", "rest_amount BETWEEN 0 AND amount"),
        check(
            "lapsed",
            "lapsed_amount BETWEEN CASE WHEN is_lapsing THEN rest_amount ELSE 0 END"
            " AND CASE WHEN is_lapsing THEN amount ELSE 0 END",
        ),
        check("posted", "(posting_id IS NOT NULL) = (lapsed_amount > 0)"),
        check(
            "owed",
            "obligated_amount = disbursed_amount + due_amount + not_yet_due_amount"
            " AND (obligated_amount = 0 OR amount = rest_amount + obligated_amount)",
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.year_end"

    year_end_id: Mapped[UUID] = mapped_column(Uuid)
    level: Mapped[str] = mapped_column(Text)
    item_id: Mapped[UUID] = mapped_column(Uuid)
    allocation_id: Mapped[UUID | None] = mapped_column(Uuid)
    allotment_id: Mapped[UUID | None] = mapped_column(Uuid)
    is_lapsing: Mapped[bool]
    status_before: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    rest_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    obligated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    disbursed_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    due_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    not_yet_due_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    lapsed_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    posting_id: Mapped[UUID | None] = mapped_column(Uuid)

    @property
    def place_id(self) -> UUID:
        """The item, allocation or allotment itself."""
        return self.allotment_id or self.allocation_id or self.item_id


def take_off(lines: Iterable[YearEndLine]) -> None:
    """Note what lapses at each level: what is free there, and all that becomes so from below."""
    under: dict[UUID, Decimal] = defaultdict(Decimal)
    held = list(lines)
    for line in held:
        rest = line.rest_amount if line.is_lapsing else Decimal(0)
        for place in (line.item_id, line.allocation_id, line.allotment_id):
            if place is not None:
                under[place] += rest
    for line in held:
        line.lapsed_amount = under[line.place_id]


def totals(lines: Iterable[YearEndLine]) -> dict[str, Decimal]:
    """Add up the lines of a closing; every centavo of the items is in exactly one part."""
    made = dict.fromkeys(TOTALS, Decimal("0.00"))
    for line in lines:
        if line.level == Level.item:
            made["appropriated_amount"] += line.amount
        made["lapsed_amount" if line.is_lapsing else "continued_amount"] += line.rest_amount
        for name in TOTALS[3:]:
            made[name] += getattr(line, name)
    return made
