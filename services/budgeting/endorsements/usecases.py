"""What is done with the word of other offices on a proposal."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.endorsements.model import (
    Endorsement,
    EndorserNotRequired,
    Standing,
    check_all_said,
)
from services.budgeting.endorsements.queries import list_endorsements, list_requirements
from services.budgeting.endorsements.schemas import (
    EndorsementCreate,
    EndorsementRead,
    EndorsementsRead,
    RequirementRead,
)
from services.budgeting.proposal_states.model import ProposalNotEditable
from services.budgeting.proposals.model import Proposal
from services.budgeting.proposals.queries import get_proposal


async def get_endorsements(uow: UnitOfWork, proposal_id: UUID) -> EndorsementsRead:
    """Tell which offices must speak about the proposal as it is now, and what they said."""
    proposal = await get_proposal(uow.session, proposal_id)
    required = await list_requirements(uow.session, proposal)
    return EndorsementsRead(
        is_complete=all(each.standing == Standing.endorsed for each in required),
        required=[RequirementRead.model_validate(each) for each in required],
        recorded=[
            EndorsementRead.model_validate(each)
            for each in await list_endorsements(uow.session, proposal_id)
        ],
    )


async def create_endorsement(
    uow: UnitOfWork, proposal_id: UUID, told: EndorsementCreate
) -> Endorsement:
    """Keep an office's document about the lines that are its matter, as they are now."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    if not proposal.is_editable:
        raise ProposalNotEditable(f"It is {proposal.status}.")
    required = {each.endorser: each for each in await list_requirements(uow.session, proposal)}
    about = required.get(told.endorser)
    if about is None:
        known = ", ".join(required) or "none"
        raise EndorserNotRequired(f"Required: {known}.", pointer="/body/endorser")
    endorsement = Endorsement(
        proposal_id=proposal.id,
        kind=about.kind,
        covered_amount=about.amount,
        covered_digest=about.digest,
        **told.model_dump(),
    )
    uow.session.add(endorsement)
    return endorsement


async def check_endorsements(uow: UnitOfWork, proposal: Proposal) -> list[dict[str, str]]:
    """Refuse while an office's word is missing; return what is frozen with the submission."""
    required = await list_requirements(uow.session, proposal)
    check_all_said(required)
    return [
        {
            "endorser": each.endorser,
            "kind": each.kind,
            "title": each.title,
            "amount": f"{each.amount:.2f}",
            "document_reference": each.document_reference or "",
        }
        for each in required
    ]
