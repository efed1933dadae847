"""The switch of the cash ceiling (budgeting sheet, sections 6.4 and 18)."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class CashCeiling(TenantOwned, Base):
    """That the ceiling was switched on or off, and why; never changed or removed."""

    __tablename__ = "cash_ceilings"
    __table_args__ = (
        check("reason", "reason ~ '[^[:space:]]'"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.cash_ceiling"

    is_enforced: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
