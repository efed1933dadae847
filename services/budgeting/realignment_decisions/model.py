"""Decisions of an issuer on others' realignments (budgeting sheet, section 7; ADR 0020)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class DecisionStatus(StrEnum):
    """States of the document."""

    draft = "draft"
    issued = "issued"


class Verdict(StrEnum):
    """What it says."""

    approved = "approved"
    rejected = "rejected"


class RealignmentDecisionNotFound(NotFound):
    """There is no such decision of this organization."""

    title = "There is no such decision."


class DecisionIssued(Conflict):
    """What was issued stays."""

    title = "The decision is issued already."


class DecisionDrafted(Conflict):
    """One draft waits for approval at a time."""

    title = "A decision on this realignment waits for approval already."


class RealignmentNotSubmittedToUs(Invalid):
    """The realignment does not wait for this office."""

    title = "No realignment of this id was submitted to you for decision."


class VerdictUnexplained(Invalid):
    """A rejection says why."""

    title = "A rejection says why, in the remarks."


class DrafterMayNotIssue(Forbidden):
    """Who drafted a decision never issues it."""

    title = "Someone who did not draft the decision must approve it."


class RealignmentDecision(TenantOwned, Base):
    """The issuer's document; only its event changes anything in the other organization."""

    __tablename__ = "realignment_decisions"
    __table_args__ = (
        check("status", "status IN ('draft', 'issued')"),
        check("verdict", "verdict IN ('approved', 'rejected')"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("remarks", "verdict = 'approved' OR remarks ~ '[^[:space:]]'"),
        check("issued", "(status = 'issued') = (approved_by IS NOT NULL)"),
        check("dated", "(approved_by IS NULL) = (approved_at IS NULL)"),
        check("approver", "approved_by <> created_by"),
        Index(
            "uq_realignment_decisions_draft",
            "org_id",
            "realignment_id",
            unique=True,
            postgresql_where=text("status = 'draft'"),
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.realignment_decision"

    for_org_id: Mapped[UUID] = mapped_column(Uuid)
    realignment_id: Mapped[UUID] = mapped_column(Uuid)
    from_act_item_id: Mapped[UUID] = mapped_column(Uuid)
    to_act_item_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    verdict: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return what a draft is open to; its drafter never approves it."""
        if self.status == DecisionStatus.draft:
            yield "delete"
            if actor.user_id != self.created_by:
                yield "approve"

    def check_draft(self) -> None:
        """Refuse to touch what was issued."""
        if self.status != DecisionStatus.draft:
            raise DecisionIssued

    def issue(self, *, by: UUID, at: datetime) -> None:
        """Let it take effect, by someone who did not draft it."""
        self.check_draft()
        if by == self.created_by:
            raise DrafterMayNotIssue
        self.status = DecisionStatus.issued
        self.approved_by, self.approved_at = by, at
