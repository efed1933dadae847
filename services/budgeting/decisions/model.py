"""Decisions on proposals: who may take a step, and one row for every step (sheet, section 11)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Forbidden
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class PreparerMayNotApprove(Forbidden):
    """Who wrote, edited or submitted a proposal never settles it."""

    title = "Someone who did not prepare the proposal must approve or reject it."


class PreparerMayNotReview(Forbidden):
    """Who wrote, edited or submitted a proposal never reviews it."""

    title = "Someone who did not prepare the proposal must review or return it."


class ReviewerMayNotApprove(Forbidden):
    """Who reviewed a proposal never settles it."""

    title = "Someone other than its reviewer must approve or reject the proposal."


class OnlyPreparerWithdraws(Forbidden):
    """A proposal is taken back by those who prepared it; others return it."""

    title = "Only someone who prepared the proposal can withdraw it."


class Stage(StrEnum):
    """Where in its course a proposal was when a step was taken."""

    endorsement = "endorsement"
    submission = "submission"
    review = "review"
    approval = "approval"


class Step(StrEnum):
    """What was done."""

    endorsed = "endorsed"
    submitted = "submitted"
    withdrawn = "withdrawn"
    reviewed = "reviewed"
    returned = "returned"
    approved = "approved"
    rejected = "rejected"

    @property
    def stage(self) -> Stage:
        """The stage that the step belongs to."""
        if self == Step.endorsed:
            return Stage.endorsement
        if self in (Step.submitted, Step.withdrawn):
            return Stage.submission
        return Stage.review if self in (Step.reviewed, Step.returned) else Stage.approval


class Decision(TenantOwned, Base):
    """One step on one proposal: who took it and when are the row's author and time."""

    __tablename__ = "decisions"
    __table_args__ = (
        tenant_fk("proposal_id", "budgeting.proposals"),
        check(
            "decision",
            "(stage, decision) IN (('endorsement', 'endorsed'),"
            " ('submission', 'submitted'), ('submission', 'withdrawn'),"
            " ('review', 'reviewed'), ('review', 'returned'),"
            " ('approval', 'approved'), ('approval', 'rejected'))",
        ),
        check("remarks", "decision NOT IN ('returned', 'rejected') OR remarks ~ '[^[:space:]]'"),
        check("revision", "revision >= 1 OR decision = 'endorsed' AND revision = 0"),
        check("for_another", "for_user_id <> created_by"),
        check("amount", "amount BETWEEN 0 AND 9999999999999999.99"),
        Index(None, "org_id", "proposal_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.proposal"

    proposal_id: Mapped[UUID] = mapped_column(Uuid)
    revision: Mapped[int]
    stage: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    for_user_id: Mapped[UUID | None] = mapped_column(Uuid)
