"""Requests for the word of other organizations (budgeting sheet, sections 2 and 4.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Invalid, NotFound
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class EndorsementRequestNotFound(NotFound):
    """There is no such request by or to this organization."""

    title = "There is no such request."


class RequestToOneself(Invalid):
    """Nobody endorses what is their own."""

    title = "Name another organization; nobody endorses what is their own."


class EndorsementRequest(TenantOwned, Base):
    """What an organization is asked about: `content` holds the lines concerned, nothing else."""

    __tablename__ = "endorsement_requests"
    __table_args__ = (
        tenant_fk("proposal_id", "budgeting.proposals", ondelete="CASCADE"),
        check("another", "to_org_id <> org_id"),
        check("amount", "covered_amount BETWEEN 0 AND 9999999999999999.99"),
        Index(None, "org_id", "proposal_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.endorsement_request"

    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    to_org_id: Mapped[UUID] = mapped_column(Uuid)
    endorser: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    proposal_title: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    covered_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    covered_digest: Mapped[str] = mapped_column(Text)
    content: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
