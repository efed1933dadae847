"""The one ledger: kinds of postings, what each one moves, and the refusals of its fences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class PostingKind(StrEnum):
    """What moved; adjustments and transfers are signed; what lapses is negative, unless undone."""

    appropriated = "appropriated"
    appropriation_adjusted = "appropriation_adjusted"
    appropriation_lapsed = "appropriation_lapsed"
    allocated = "allocated"
    allocation_adjusted = "allocation_adjusted"
    allocation_lapsed = "allocation_lapsed"
    allotted = "allotted"
    allotment_adjusted = "allotment_adjusted"
    allotment_lapsed = "allotment_lapsed"
    allotment_transferred = "allotment_transferred"
    reserved = "reserved"
    reservation_released = "reservation_released"
    obligated = "obligated"
    obligation_adjusted = "obligation_adjusted"
    disbursed = "disbursed"
    disbursement_voided = "disbursement_voided"


FIRST = ("appropriated", "allocated", "allotted", "reserved", "obligated", "disbursed")
BACK = ("reservation_released", "disbursement_voided")


class BalanceExceeded(Conflict):
    """The level above has less left than this wants, or the level below has used it already."""

    title = "The balance does not allow this amount."


class PeriodClosed(Conflict):
    """The month that the posting is dated in takes no postings."""

    title = "The fiscal period of this date is closed."


class NotWithinValidity(Conflict):
    """The authority does not reach the day of the posting."""

    title = "The appropriation is not valid on this date."


class LevelClosed(Conflict):
    """The allotment or allocation is closed, cancelled or not released."""

    title = "What this amount would be taken from is not open."


class AmountOutOfBounds(Invalid):
    """A balance would be larger than any amount may be."""

    title = "The balance would exceed 9999999999999999.99."


class Posting(TenantOwned, Base):
    """One line of the ledger; never changed, never deleted, undone by another one only."""

    __tablename__ = "postings"
    __table_args__ = (
        tenant_fk("item_id", "budgeting.appropriation_items"),
        tenant_fk("allocation_id", "budgeting.allocations"),
        tenant_fk("allotment_id", "budgeting.allotments"),
        tenant_fk("obligation_id", "budgeting.obligations"),
        tenant_fk("disbursement_id", "budgeting.disbursements"),
        tenant_fk("reverses_id", "budgeting.postings"),
        check("kind", f"kind IN {tuple(PostingKind.__members__)}"),
        check("amount", "amount BETWEEN -9999999999999999.99 AND 9999999999999999.99"),
        check("zero", "amount <> 0"),
        check("first", f"kind NOT IN {FIRST} OR amount > 0"),
        check("back", f"kind NOT IN {BACK} OR amount < 0"),
        check("reference", "reference ~ '[^[:space:]]'"),
        check(
            "lapsed",
            "kind NOT LIKE '%_lapsed'"
            " OR reason ~ '[^[:space:]]' AND (amount > 0) = (reverses_id IS NOT NULL)",
        ),
        check("adjusted", "kind NOT LIKE '%_adjusted' OR reason ~ '[^[:space:]]'"),
        check("transferred", "kind <> 'allotment_transferred' OR reason ~ '[^[:space:]]'"),
        check(
            "level",
            "CASE WHEN kind LIKE 'appropria%' THEN num_nonnulls(allocation_id, allotment_id,"
            " obligation_id, disbursement_id) = 0"
            " WHEN kind LIKE 'alloca%' THEN allocation_id IS NOT NULL AND"
            " num_nonnulls(allotment_id, obligation_id, disbursement_id) = 0"
            " WHEN kind LIKE 'allot%' THEN allotment_id IS NOT NULL AND"
            " num_nonnulls(obligation_id, disbursement_id) = 0"
            " WHEN kind LIKE 'disburse%' THEN disbursement_id IS NOT NULL"
            " ELSE obligation_id IS NOT NULL AND disbursement_id IS NULL END",
        ),
        Index("uq_postings_reverses", "org_id", "reverses_id", unique=True),
        Index(None, "org_id", "fiscal_year", "posted_on"),
        Index(None, "org_id", "created_at", "id"),
        Index(None, "org_id", "item_id"),
        Index(None, "org_id", "allotment_id"),
        Index(None, "org_id", "obligation_id"),
    )
    noun: ClassVar[str] = "budgeting.posting"

    kind: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    balance_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    posted_on: Mapped[date]
    fiscal_year: Mapped[int]
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    item_id: Mapped[UUID] = mapped_column(Uuid)
    allocation_id: Mapped[UUID | None] = mapped_column(Uuid)
    allotment_id: Mapped[UUID | None] = mapped_column(Uuid)
    obligation_id: Mapped[UUID | None] = mapped_column(Uuid)
    disbursement_id: Mapped[UUID | None] = mapped_column(Uuid)
    reference: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    reverses_id: Mapped[UUID | None] = mapped_column(Uuid)


class Ledger(TenantOwned, Base):
    """That an organization has a ledger at all; the database notes it with the first posting."""

    __tablename__ = "ledgers"
    __table_args__ = (check("own", "id = org_id"),)
    noun: ClassVar[str] = "budgeting.ledger"


def _signed(*names: str, less: str = "") -> tuple[tuple[str, int], ...]:
    return (*((name, 1) for name in names), *(((less, -1),) if less else ()))


APPROPRIATED = _signed("appropriated", "appropriation_adjusted", "appropriation_lapsed")
ALLOCATED = _signed("allocated", "allocation_adjusted", "allocation_lapsed")
ALLOTTED = _signed("allotted", "allotment_adjusted", "allotment_lapsed", "allotment_transferred")
RESERVED = _signed("reserved", "reservation_released", less="obligated")
OBLIGATED = _signed("obligated", "obligation_adjusted")
DISBURSED = _signed("disbursed", "disbursement_voided")

BALANCES = (
    (
        "appropriation_items",
        "item_id",
        (("appropriated_amount", APPROPRIATED), ("allocated_amount", ALLOCATED)),
    ),
    (
        "allocations",
        "allocation_id",
        (
            ("allocated_amount", ALLOCATED),
            ("allotted_amount", ALLOTTED),
            ("obligated_amount", OBLIGATED),
            ("disbursed_amount", DISBURSED),
        ),
    ),
    (
        "allotments",
        "allotment_id",
        (
            ("allotted_amount", ALLOTTED),
            ("reserved_amount", RESERVED),
            ("obligated_amount", OBLIGATED),
            ("disbursed_amount", DISBURSED),
        ),
    ),
    (
        "obligations",
        "obligation_id",
        (("obligated_amount", OBLIGATED), ("disbursed_amount", DISBURSED)),
    ),
)
"""Which postings make which balance of which level, as the proof adds them up."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not what the ledger says."""

    level: str
    row_id: UUID
    balance: str
    kept_amount: Decimal
    posted_amount: Decimal

    def __str__(self) -> str:
        return (
            f"{self.level} {self.row_id}: {self.balance} is {self.kept_amount},"
            f" the ledger says {self.posted_amount}"
        )
