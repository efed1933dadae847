"""The remembered partnerships."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Index, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base

DRAFT = "draft"
"""Where a returned partnership is again: it is counted once it is submitted anew (C1)."""

ACTIVE = "active"
ACCEPTED = "accepted"
LEAD = "lead"


class KnownPartnership(TenantOwned, Base):
    """A partnership as its lead, to whom the row belongs, last announced it.

    `members` is a list of organization, role and status. What a member answered since then is
    with the member's own rows (`known_partnership_answers`).
    """

    __tablename__ = "known_partnerships"
    __table_args__ = (Index(None, "org_id", "starts_on", "ends_on"),)
    noun: ClassVar[str] = "oversight.known_partnership"

    title: Mapped[str] = mapped_column(Text)
    partnership_type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    priority: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    total_budget_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    members: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
