"""The remembered allotments, and which of them count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

RELEASED = ("released", "closed")
"""The states whose amounts are authority to spend (B6); what lapsed at closing is taken off."""


class KnownAllotment(TenantOwned, Base):
    """An allotment as last announced; `allotted_amount` is net of what was withdrawn."""

    __tablename__ = "known_allotments"
    __table_args__ = (Index(None, "org_id", "fiscal_year", "status"),)
    noun: ClassVar[str] = "oversight.known_allotment"

    fiscal_year: Mapped[int]
    quarter: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    released_on: Mapped[date | None]
    allotted_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
