"""The remembered cash allocations: the cash programme."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

PROGRAMMED = ("confirmed",)
"""The state whose amounts are planned to be paid (B12), from the first day of their period on."""


class KnownCashAllocation(TenantOwned, Base):
    """Cash for a quarter, or from one of its months on, as last announced."""

    __tablename__ = "known_cash_allocations"
    __table_args__ = (Index(None, "org_id", "fiscal_year", "status"),)
    noun: ClassVar[str] = "oversight.known_cash_allocation"

    fiscal_year: Mapped[int]
    quarter: Mapped[int]
    funding_source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    status: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
