"""Budget proposals: their fields, states and guards (budgeting sheet, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base
from services.budgeting.decisions.model import (
    OnlyPreparerWithdraws,
    PreparerMayNotApprove,
    PreparerMayNotReview,
    ReviewerMayNotApprove,
)
from services.budgeting.line_items.model import LARGEST, AmountTooLarge, ClassTotal, totals_by_class
from services.budgeting.programs.model import ZERO, Grant, PpaTaken, Program, RankTaken, grant_all
from services.budgeting.proposal_states.model import (
    ANNUAL,
    EDITABLE,
    PENDING,
    DecidedByIssuer,
    NotEndorsed,
    PreparerMayNotEndorse,
    ProposalIncomplete,
    ProposalNotDeletable,
    ProposalNotEditable,
    ProposalNotPending,
    ProposalNotSubmitted,
    ProposalStatus,
    RevisionOutdated,
)


class Proposal(TenantOwned, Base):
    """What an organization asks for in a fiscal year; one annual proposal a year is live."""

    __tablename__ = "proposals"
    __table_args__ = (
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("kind", "kind IN ('annual', 'supplemental')"),
        check("number", "(kind = 'annual') = (number IS NULL) AND coalesce(number, 1) >= 1"),
        check(
            "status",
            "status IN ('draft', 'submitted', 'under_review', 'returned', 'approved', 'rejected')",
        ),
        check("requested", "total_requested_amount BETWEEN 0 AND 9999999999999999.99"),
        check("approved", "total_approved_amount BETWEEN 0 AND total_requested_amount"),
        check("approved_known", "(status = 'approved') = (total_approved_amount IS NOT NULL)"),
        check("submitted", "(submitted_at IS NULL) = (submitted_by IS NULL)"),
        check("submitted_known", "status = 'draft' OR revision >= 1 AND submitted_at IS NOT NULL"),
        check("reviewed_known", "status <> 'under_review' OR reviewed_by IS NOT NULL"),
        check("decided", "(decided_at IS NULL) = (decided_by IS NULL)"),
        check("decided_known", "(status IN ('approved', 'rejected')) = (decided_at IS NOT NULL)"),
        check("preparers", "created_by = ANY (preparers)"),
        check("endorsed", "(endorsed_at IS NULL) = (endorsed_by IS NULL)"),
        check("endorser", "endorsed_by <> ALL (preparers)"),
        check("called", "(budget_call_id IS NULL) = (reviewer_org_id IS NULL)"),
        check(
            "approver",
            "decided_by <> created_by AND decided_by <> submitted_by"
            " AND decided_by <> ALL (preparers)",
        ),
        check("reviewer", "reviewed_by <> ALL (preparers) AND reviewed_by <> decided_by"),
        Index("uq_proposals_annual", "org_id", "fiscal_year", unique=True, postgresql_where=ANNUAL),
        Index("uq_proposals_number", "org_id", "fiscal_year", "number", unique=True),
        Index(None, "org_id", "created_at", "id"),
        Index(None, "org_id", "status"),
    )
    noun: ClassVar[str] = "budgeting.proposal"

    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    remarks: Mapped[str] = mapped_column(Text)
    total_requested_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    total_approved_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    preparers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    submitted_by: Mapped[UUID | None] = mapped_column(Uuid)
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reviewed_by: Mapped[UUID | None] = mapped_column(Uuid)
    reviewed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    endorsed_by: Mapped[UUID | None] = mapped_column(Uuid)
    endorsed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    budget_call_id: Mapped[UUID | None] = mapped_column(Uuid)
    reviewer_org_id: Mapped[UUID | None] = mapped_column(Uuid)
    programs: Mapped[list[Program]] = relationship(
        lazy="raise",
        order_by=Program.priority_rank,
        cascade="all, delete-orphan",
        back_populates="proposal",
    )

    @property
    def is_editable(self) -> bool:
        """Whether its text, programs and lines are open to change."""
        return self.status in EDITABLE

    def check_editable(self) -> None:
        """Refuse to change what was handed in or is settled."""
        if not self.is_editable:
            raise ProposalNotEditable(f"It is {self.status}.")

    @property
    def public_status(self) -> str:
        """The status that others may know: a draft is theirs to know only as withdrawn."""
        return "withdrawn" if self.status == ProposalStatus.draft else self.status

    @property
    def totals_by_class(self) -> list[ClassTotal]:
        """Requested and approved sums of the expense classes that occur."""
        return totals_by_class(line for program in self.programs for line in program.line_items)

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; its preparers never decide."""
        if self.is_editable:
            yield from ("change", "submit")
            if self.endorsed_by is None and actor.user_id not in self.preparers:
                yield "endorse"
            if self.revision == 0:
                yield "delete"
        elif self.status in PENDING:
            if actor.user_id in self.preparers:
                if self.status == ProposalStatus.submitted:
                    yield "withdraw"
            elif self.reviewer_org_id is None:
                yield from self._in_house_actions(actor)

    def _in_house_actions(self, actor: Actor) -> Iterable[str]:
        if self.status == ProposalStatus.submitted:
            yield "review"
        yield "return"
        if actor.user_id != self.reviewed_by:
            yield from ("approve", "reject")

    def check_deletable(self) -> None:
        """Refuse to delete what was ever submitted."""
        if self.status != ProposalStatus.draft or self.revision:
            raise ProposalNotDeletable(f"It is {self.status}, submitted {self.revision} times.")

    def prepare(self, *, by: UUID, at: datetime) -> None:
        """Open an editable proposal to a change and count who makes it among its preparers."""
        self.check_editable()
        if by not in self.preparers:
            self.preparers = [*self.preparers, by]
        # What the head endorsed is not what stands here from now on.
        self.endorsed_by = self.endorsed_at = None
        self.touch(at)

    def endorse(self, *, by: UUID, at: datetime) -> None:
        """Stand for a complete proposal as the head of the organization; any edit undoes it."""
        self.check_editable()
        if by in self.preparers:
            raise PreparerMayNotEndorse
        self._check_complete()
        self.endorsed_by, self.endorsed_at = by, at

    def check_distinct(self, program: Program, pointer: str) -> None:
        """Refuse a program with another's rank or PPA."""
        for other in self.programs:
            if other is program:
                continue
            if other.priority_rank == program.priority_rank:
                raise RankTaken(f"“{other.title}” has it.", pointer=f"{pointer}/priority_rank")
            if program.ppa_id is not None and other.ppa_id == program.ppa_id:
                raise PpaTaken(f"“{other.title}” is.", pointer=f"{pointer}/ppa_id")

    def recount(self, pointer: str) -> None:
        """Derive every sum from the lines upwards; `pointer` names what was sent."""
        for program in self.programs:
            program.recount(pointer)
        self.total_requested_amount = sum((each.requested_amount for each in self.programs), ZERO)
        if self.total_requested_amount > LARGEST:
            raise AmountTooLarge("The programs add up to too much.", pointer=pointer)

    def submit(self, *, by: UUID, at: datetime) -> None:
        """Hand the proposal in as its next revision; it cannot be edited from here on."""
        endorsed = (self.endorsed_by, self.endorsed_at)
        self.prepare(by=by, at=at)
        self._check_complete()
        self.endorsed_by, self.endorsed_at = endorsed
        if by == self.endorsed_by:
            raise PreparerMayNotEndorse
        self.status = ProposalStatus.submitted
        self.revision += 1
        self.submitted_by, self.submitted_at = by, at
        self.remarks = ""

    def answer_call(self, budget_call_id: UUID, reviewer_org_id: UUID) -> None:
        """Note under which call this is submitted, and who will decide on it."""
        if self.endorsed_by is None:
            raise NotEndorsed
        self.budget_call_id, self.reviewer_org_id = budget_call_id, reviewer_org_id

    def check_in_house(self) -> None:
        """Refuse a step that the issuer of the call takes."""
        if self.reviewer_org_id is not None and self.status in PENDING:
            raise DecidedByIssuer

    def check_revision(self, revision: int) -> None:
        """Refuse what was decided about a revision that does not stand any more."""
        if self.revision != revision or self.status not in PENDING:
            raise RevisionOutdated(f"It is {self.status}, revision {self.revision}.")

    def withdraw(self, *, by: UUID) -> None:
        """Take the proposal back before review; it is a draft again."""
        if self.status != ProposalStatus.submitted:
            raise ProposalNotSubmitted(f"It is {self.status}.")
        if by not in self.preparers:
            raise OnlyPreparerWithdraws
        self.status = ProposalStatus.draft
        self.submitted_by = self.submitted_at = None

    def review(self, *, by: UUID, at: datetime) -> None:
        """Open the proposal as its reviewer, who will not be its approver."""
        if self.status != ProposalStatus.submitted:
            raise ProposalNotSubmitted(f"It is {self.status}.")
        if by in self.preparers:
            raise PreparerMayNotReview
        self.status = ProposalStatus.under_review
        self.reviewed_by, self.reviewed_at = by, at

    def return_(self, *, by: UUID, remarks: str) -> None:
        """Give the proposal back to its preparers with remarks; its next revision may follow."""
        self._check_pending()
        if by in self.preparers:
            raise PreparerMayNotReview
        self.status = ProposalStatus.returned
        self.remarks = remarks
        # The next revision may be edited by this reviewer, and reviewed by another.
        self.reviewed_by = self.reviewed_at = None

    def approve(self, *, by: UUID, at: datetime, grants: Sequence[Grant] | None = None) -> None:
        """Grant every program and line its amount, as requested when no grants are given."""
        self._check_settler(by)
        self.total_approved_amount = grant_all(self.programs, grants)
        self.status = ProposalStatus.approved
        self.decided_by, self.decided_at = by, at

    def reject(self, *, by: UUID, at: datetime, reason: str) -> None:
        """Turn the proposal down for good; another annual one may be begun."""
        self._check_settler(by)
        self.status = ProposalStatus.rejected
        self.decided_by, self.decided_at = by, at
        self.remarks = reason

    def _check_pending(self) -> None:
        if self.status not in PENDING:
            raise ProposalNotPending(f"It is {self.status}.")

    def _check_settler(self, by: UUID) -> None:
        self._check_pending()
        if by in self.preparers:
            raise PreparerMayNotApprove
        if by == self.reviewed_by:
            raise ReviewerMayNotApprove

    def _check_complete(self) -> None:
        missing = list(self._missing())
        if missing:
            raise ProposalIncomplete(f"Missing: {'; '.join(missing)}.")

    def _missing(self) -> Iterable[str]:
        if not self.programs:
            yield "at least one program"
        for program in self.programs:
            yield from program.missing()
        if self.total_requested_amount != sum(each.requested_amount for each in self.programs):
            yield "a total that equals its programs"
