"""What budgeting announces about proposals; each carries the proposal's public state."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.proposals.model import Proposal


class ClassState(Event):
    """The sums of one expense class as others may know them."""

    expense_class: str
    requested_amount: Money
    approved_amount: Money | None


class ProgramState(Event):
    """A program as others may know it; the PPA is planning's."""

    program_id: UUID
    ppa_id: UUID | None
    title: str
    requested_amount: Money
    approved_amount: Money | None


class ProposalEvent(Event):
    """The public state of a proposal; drafts are never announced, a withdrawal is."""

    proposal_id: UUID
    fiscal_year: int
    kind: str
    title: str
    revision: int
    status: str
    total_requested_amount: Money
    total_approved_amount: Money | None
    totals_by_class: list[ClassState]
    programs: list[ProgramState]
    submitted_at: AwareDatetime | None
    decided_at: AwareDatetime | None

    @classmethod
    def about(cls, proposal: Proposal) -> Self:
        """Return this event for a proposal as it now is."""
        return cls(
            proposal_id=proposal.id,
            fiscal_year=proposal.fiscal_year,
            kind=proposal.kind,
            title=proposal.title,
            revision=proposal.revision,
            status=proposal.public_status,
            total_requested_amount=proposal.total_requested_amount,
            total_approved_amount=proposal.total_approved_amount,
            totals_by_class=[ClassState.model_validate(each) for each in proposal.totals_by_class],
            programs=[
                ProgramState(
                    program_id=program.id,
                    ppa_id=program.ppa_id,
                    title=program.title,
                    requested_amount=program.requested_amount,
                    approved_amount=program.approved_amount,
                )
                for program in proposal.programs
            ],
            submitted_at=proposal.submitted_at,
            decided_at=proposal.decided_at,
        )


class ProposalSubmitted(ProposalEvent):
    """A proposal was handed in; review may begin."""

    subject: ClassVar[str] = "budgeting.proposal.submitted.v1"


class ProposalReviewed(ProposalEvent):
    """A reviewer opened a proposal; it can no longer be withdrawn."""

    subject: ClassVar[str] = "budgeting.proposal.reviewed.v1"


class ProposalReturned(ProposalEvent):
    """A proposal went back to its preparers; its next revision may begin."""

    subject: ClassVar[str] = "budgeting.proposal.returned.v1"


class ProposalApproved(ProposalEvent):
    """A proposal was granted its amounts; appropriation may begin."""

    subject: ClassVar[str] = "budgeting.proposal.approved.v1"


class ProposalRejected(ProposalEvent):
    """A proposal was turned down for good; another may be begun."""

    subject: ClassVar[str] = "budgeting.proposal.rejected.v1"


class ProposalWithdrawn(ProposalEvent):
    """A proposal was taken back before review; what it asked for no longer counts."""

    subject: ClassVar[str] = "budgeting.proposal.withdrawn.v1"
