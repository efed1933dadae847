"""The remembered payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

PAID = ("paid",)
"""The state whose amounts have left (B8); a void one counts no more."""


class KnownDisbursement(TenantOwned, Base):
    """A payment as last announced; its gross amount counts, deductions included; no payee."""

    __tablename__ = "known_disbursements"
    __table_args__ = (
        Index(None, "org_id", "fiscal_year", "status"),
        Index(None, "org_id", "obligation_id"),
    )
    noun: ClassVar[str] = "oversight.known_disbursement"

    fiscal_year: Mapped[int]
    obligation_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    paid_on: Mapped[date | None]
    gross_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
