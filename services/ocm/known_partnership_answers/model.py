"""The remembered answers of members."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base


class KnownPartnershipAnswer(TenantOwned, Base):
    """What an organization answered to an invitation; the row belongs to the organization."""

    __tablename__ = "known_partnership_answers"
    __table_args__ = (Index(None, "org_id", "partnership_id", "updated_at"),)
    noun: ClassVar[str] = "oversight.known_partnership_answer"

    partnership_id: Mapped[UUID] = mapped_column(Uuid)
    lead_org_id: Mapped[UUID] = mapped_column(Uuid)
    answer: Mapped[str] = mapped_column(Text)
