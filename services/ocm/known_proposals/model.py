"""The remembered proposals, and which of them count for what."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import DateTime, Index, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

PROPOSED = ("submitted", "under_review", "approved")
"""The states whose requested amounts are proposed (B1)."""

DECIDED = ("approved", "rejected")
"""The states that are a decision (B3, B4)."""

APPROVED = ("approved",)
"""The state whose approved amounts count (B2)."""


class KnownProposal(TenantOwned, Base):
    """A proposal as last announced; `totals_by_class` is a list of class and its two sums."""

    __tablename__ = "known_proposals"
    __table_args__ = (Index(None, "org_id", "fiscal_year", "status"),)
    noun: ClassVar[str] = "oversight.known_proposal"

    fiscal_year: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    total_requested_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    total_approved_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    totals_by_class: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
