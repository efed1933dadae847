"""Answers of organizations to requests for their endorsement (sheet, section 4.4; ADR 0020)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Date, DateTime, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class AnswerStatus(StrEnum):
    """States of the document."""

    draft = "draft"
    issued = "issued"


class EndorsementAnswerNotFound(NotFound):
    """There is no such answer of this organization."""

    title = "There is no such answer."


class AnswerIssued(Conflict):
    """What was issued stays."""

    title = "The answer is issued already."


class AnswerDrafted(Conflict):
    """One draft waits for approval at a time."""

    title = "An answer to this request waits for approval already."


class NotAsked(Invalid):
    """The request is not to this organization."""

    title = "No request of this id was submitted to you."


class DrafterMayNotAnswer(Forbidden):
    """Who drafted an answer never issues it."""

    title = "Someone who did not draft the answer must approve it."


class EndorsementAnswer(TenantOwned, Base):
    """The endorsing organization's document; only its event reaches the proposal."""

    __tablename__ = "endorsement_answers"
    __table_args__ = (
        check("status", "status IN ('draft', 'issued')"),
        check("decision", "decision IN ('endorsed', 'declined')"),
        check("reference", "document_reference ~ '[^[:space:]]'"),
        check("remarks", "decision = 'endorsed' OR remarks ~ '[^[:space:]]'"),
        check("issued", "(status = 'issued') = (approved_by IS NOT NULL)"),
        check("dated", "(approved_by IS NULL) = (approved_at IS NULL)"),
        check("approver", "approved_by <> created_by"),
        Index(
            "uq_endorsement_answers_draft",
            "org_id",
            "endorsement_request_id",
            unique=True,
            postgresql_where=text("status = 'draft'"),
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.endorsement_answer"

    for_org_id: Mapped[UUID] = mapped_column(Uuid)
    endorsement_request_id: Mapped[UUID] = mapped_column(Uuid)
    endorser: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    decision: Mapped[str] = mapped_column(Text)
    document_reference: Mapped[str] = mapped_column(Text)
    document_on: Mapped[date] = mapped_column(Date)
    remarks: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return what a draft is open to; its drafter never approves it."""
        if self.status == AnswerStatus.draft:
            yield "delete"
            if actor.user_id != self.created_by:
                yield "approve"

    def check_draft(self) -> None:
        """Refuse to touch what was issued."""
        if self.status != AnswerStatus.draft:
            raise AnswerIssued

    def issue(self, *, by: UUID, at: datetime) -> None:
        """Let it take effect, by someone who did not draft it."""
        self.check_draft()
        if by == self.created_by:
            raise DrafterMayNotAnswer
        self.status = AnswerStatus.issued
        self.approved_by, self.approved_at = by, at
