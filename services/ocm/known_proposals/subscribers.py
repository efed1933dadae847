"""What budgeting announces about proposals, kept here."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_proposals.model import KnownProposal


class ClassState(BaseModel):
    """The sums of one expense class."""

    expense_class: str
    requested_amount: Amount
    approved_amount: Amount | None


class ProposalState(Announced):
    """The fields of a proposal that ocm reads."""

    fiscal_year: int
    kind: str
    title: str
    revision: int
    status: str
    total_requested_amount: Amount
    total_approved_amount: Amount | None
    totals_by_class: list[ClassState]
    submitted_at: AwareDatetime | None
    decided_at: AwareDatetime | None

    @property
    def holds_since(self) -> datetime | None:
        """A decision holds since it was taken, a submission since it was handed in."""
        if self.decided_at is not None:
            return self.decided_at
        return self.submitted_at if self.status == "submitted" else None


@subscriber(
    "budgeting.proposal.submitted.v1",
    "budgeting.proposal.reviewed.v1",
    "budgeting.proposal.returned.v1",
    "budgeting.proposal.approved.v1",
    "budgeting.proposal.rejected.v1",
    "budgeting.proposal.withdrawn.v1",
)
async def remember_proposal(event: ProposalState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count a proposal in the state that it now has, with what it asks for and was granted."""
    by_class = [each.model_dump(mode="json") for each in event.totals_by_class]
    values = {**event.model_dump(), "totals_by_class": by_class}
    await remember(uow, event, meta, KnownProposal, values)
