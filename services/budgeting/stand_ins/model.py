"""Who decided for whom: one row for every decision made in somebody's place (sheet, section 18)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class StandIn(TenantOwned, Base):
    """One decision on one record, for whom; who made it and when are the row's author and time."""

    __tablename__ = "stand_ins"
    __table_args__ = (
        check("another", "for_user_id <> created_by"),
        Index(None, "org_id", "subject_id"),
        Index(None, "org_id", "for_user_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.stand_in"

    permission: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    for_user_id: Mapped[UUID] = mapped_column(Uuid)
