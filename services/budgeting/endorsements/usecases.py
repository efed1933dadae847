"""What is done with the word of other offices on a proposal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.endorsements.model import (
    Endorsement,
    EndorserNotRequired,
    Requirement,
    Standing,
    check_all_said,
)
from services.budgeting.endorsements.queries import list_endorsements, list_requirements
from services.budgeting.endorsements.schemas import (
    EndorsementCreate,
    EndorsementRead,
    EndorsementsRead,
    RequirementRead,
    WordCreate,
)
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
    _, about = await find_matter(uow, proposal_id, told.endorser)
    endorsement = Endorsement(
        proposal_id=proposal_id,
        kind=about.kind,
        covered_amount=about.amount,
        covered_digest=about.digest,
        **told.model_dump(),
    )
    uow.session.add(endorsement)
    return endorsement


async def keep_word(uow: UnitOfWork, proposal_id: UUID, told: WordCreate, **asked: Any) -> None:
    """Keep what an organization said itself about the lines that it was shown."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    proposal.check_editable()
    uow.session.add(Endorsement(proposal_id=proposal_id, **told.model_dump(), **asked))


async def find_matter(
    uow: UnitOfWork, proposal_id: UUID, endorser: str
) -> tuple[Proposal, Requirement]:
    """Return an editable proposal, locked, and what of it is the matter of an office."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    proposal.check_editable()
    required = {each.endorser: each for each in await list_requirements(uow.session, proposal)}
    if endorser not in required:
        known = ", ".join(required) or "none"
        raise EndorserNotRequired(f"Required: {known}.", pointer="/body/endorser")
    return proposal, required[endorser]


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
            "endorser_org_id": str(each.endorser_org_id or ""),
        }
        for each in required
    ]
