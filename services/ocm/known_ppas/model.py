"""The remembered register of PPAs."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

DELETED = "deleted"
"""Our word for a PPA that was taken out of the register: it is remembered and never counted."""


class KnownPpa(TenantOwned, Base):
    """A PPA as last announced; a missing budget is unknown, not zero."""

    __tablename__ = "known_ppas"
    __table_args__ = (Index(None, "org_id", "fiscal_year", "status"),)
    noun: ClassVar[str] = "oversight.known_ppa"

    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    approved_budget_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    indicators_count: Mapped[int]
