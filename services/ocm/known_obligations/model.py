"""The remembered obligations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

STANDING = ("obligated",)
"""The state whose amounts are bound (B7)."""


class KnownObligation(TenantOwned, Base):
    """An obligation as last announced, its notices of adjustment included; no payee."""

    __tablename__ = "known_obligations"
    __table_args__ = (
        Index(None, "org_id", "fiscal_year", "status"),
        Index(None, "org_id", "allotment_id"),
    )
    noun: ClassVar[str] = "oversight.known_obligation"

    fiscal_year: Mapped[int]
    allotment_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    obligation_on: Mapped[date]
    obligated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
