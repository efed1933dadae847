"""Items of enacted acts as the organization they concern holds them (sheet, section 5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import NotFound
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class ItemStatus(StrEnum):
    """An item is open to allocation until it lapses."""

    current = "current"
    lapsed = "lapsed"


class AppropriationItemNotFound(NotFound):
    """There is no such item for this organization."""

    title = "There is no such appropriation item."


class AppropriationItem(TenantOwned, Base):
    """The authority of one act for one program, class and source, with its running balances.

    `appropriated_amount` is what was enacted, with all adjustments since; the ledger keeps it.
    What came by a transfer alone was enacted for another: here, nothing was.
    """

    __tablename__ = "appropriation_items"
    __table_args__ = (
        UniqueConstraint("org_id", "issuer_org_id", "act_item_id"),
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("kind", "kind IN ('general', 'supplemental', 'continuing', 'automatic')"),
        check("expense_class", "expense_class IN ('ps', 'mooe', 'fe', 'co')"),
        check("status", "status IN ('current', 'lapsed')"),
        check("enacted", "enacted_amount BETWEEN 0 AND 9999999999999999.99"),
        check("appropriated", "appropriated_amount BETWEEN 0 AND 9999999999999999.99"),
        check("balances", "allocated_amount BETWEEN 0 AND appropriated_amount"),
        Index(None, "org_id", "fiscal_year", "expense_class"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.appropriation_item"

    issuer_org_id: Mapped[UUID] = mapped_column(Uuid)
    appropriation_id: Mapped[UUID] = mapped_column(Uuid)
    act_item_id: Mapped[UUID] = mapped_column(Uuid)
    act_reference: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    program_title: Mapped[str] = mapped_column(Text)
    prexc_code: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    special_provision: Mapped[str] = mapped_column(Text)
    is_for_later_release: Mapped[bool]
    is_lump_sum: Mapped[bool]
    valid_until: Mapped[date]
    status: Mapped[str] = mapped_column(Text)
    enacted_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    appropriated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    allocated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))

    @property
    def unallocated_amount(self) -> Decimal:
        """What may still be allocated."""
        return self.appropriated_amount - self.allocated_amount
