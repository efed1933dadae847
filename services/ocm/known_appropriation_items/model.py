"""The remembered appropriation items."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base


class KnownAppropriationItem(TenantOwned, Base):
    """An item of an enacted act as last announced; `appropriated_amount` holds its adjustments."""

    __tablename__ = "known_appropriation_items"
    __table_args__ = (Index(None, "org_id", "fiscal_year"),)
    noun: ClassVar[str] = "oversight.known_appropriation_item"

    fiscal_year: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date]
    appropriated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    allocated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
