"""Submissions: the frozen text of every revision handed in (budgeting sheet, section 4.1)."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import NotFound
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class SubmissionNotFound(NotFound):
    """The proposal has no such submission."""

    title = "This proposal has no such submission."


class Submission(TenantOwned, Base):
    """A proposal with its programs and lines as submitted, for comparison and for the record."""

    __tablename__ = "submissions"
    __table_args__ = (
        tenant_fk("proposal_id", "budgeting.proposals"),
        UniqueConstraint("org_id", "proposal_id", "revision"),
        check("revision", "revision >= 1"),
    )
    noun: ClassVar[str] = "budgeting.proposal"

    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    revision: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
