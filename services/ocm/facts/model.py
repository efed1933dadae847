"""Facts: what was announced, since when it holds and since when it is known (ocm sheet, 2, 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base


class Fact(TenantOwned, Base):
    """One event as it was told; its id is the event's, so the same event is one fact for ever.

    `effective_at` is since when it holds in the organization's business, `recorded_at` when the
    source recorded it. Neither depends on when it arrived here: a replay gives the same rows.
    """

    __tablename__ = "facts"
    __table_args__ = (
        UniqueConstraint("org_id", "event_id"),
        Index(None, "org_id", "context", "fiscal_year"),
        Index(None, "org_id", "aggregate_id", "aggregate_version"),
    )
    noun: ClassVar[str] = "oversight.fact"

    event_id: Mapped[UUID] = mapped_column(Uuid)
    context: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    source_seq: Mapped[int] = mapped_column(BigInteger)
    aggregate_id: Mapped[UUID] = mapped_column(Uuid)
    aggregate_version: Mapped[int]
    fiscal_year: Mapped[int | None]
    effective_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    payload_hash: Mapped[str] = mapped_column(Text)
