"""Deliveries: the answer to an issuer whether its document took effect here."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class DeliveryStatus(StrEnum):
    """Whether what was issued took effect."""

    applied = "applied"
    refused = "refused"


class Delivery(TenantOwned, Base):
    """One event of an issuer, and whether it took effect in the organization it concerns."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("org_id", "event_id"),
        check("status", "status IN ('applied', 'refused')"),
        check("reason", "(status = 'refused') = (reason <> '')"),
        Index(None, "org_id", "issuer_org_id", "about_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.delivery"

    issuer_org_id: Mapped[UUID] = mapped_column(Uuid)
    event_id: Mapped[UUID] = mapped_column(Uuid)
    subject: Mapped[str] = mapped_column(Text)
    about_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
