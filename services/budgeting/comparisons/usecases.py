"""What can be put side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.comparisons import schemas
from services.budgeting.comparisons.model import (
    Amounts,
    ProgramSide,
    compare_amounts,
    compare_texts,
)
from services.budgeting.comparisons.queries import (
    find_review_of_revision,
    list_enacted,
    list_texts,
)
from services.budgeting.proposals.queries import get_proposal
from services.budgeting.proposals.schemas import ProposalRead
from services.budgeting.submissions.model import SubmissionNotFound


async def get_comparison(uow: UnitOfWork, proposal_id: UUID) -> schemas.ComparisonRead:
    """Put what was requested, recommended, approved and enacted side by side; five statements."""
    proposal = await get_proposal(uow.session, proposal_id)
    review = await find_review_of_revision(uow.session, proposal)
    sides = compare_amounts(proposal, review, await list_enacted(uow.session, proposal))
    return schemas.ComparisonRead(
        **_told(sides.amounts),
        proposal_id=proposal.id,
        revision=proposal.revision,
        status=proposal.status,
        by_class=_by_class(sides.by_class),
        programs=[_program(each) for each in sides.programs],
        unmatched=[schemas.UnmatchedRead.model_validate(each) for each in sides.unmatched],
    )


async def get_revision_comparison(
    uow: UnitOfWork, proposal_id: UUID, asked: schemas.RevisionsAsked
) -> schemas.RevisionsRead:
    """Tell what differs between two revisions, or between one and the proposal as it is now."""
    proposal = await get_proposal(uow.session, proposal_id)
    first = asked.before or (proposal.revision if asked.after is None else asked.after - 1)
    wanted = {first} if asked.after is None else {first, asked.after}
    texts = await list_texts(uow.session, proposal_id, wanted)
    if missing := wanted - texts.keys():
        raise SubmissionNotFound(
            f"It was submitted {proposal.revision} times; there is no revision {min(missing)}."
        )
    if asked.after is None:
        after: dict[str, Any] = ProposalRead.model_validate(proposal).model_dump(mode="json")
    else:
        after = texts[asked.after]
    before = texts[first]
    return schemas.RevisionsRead(
        proposal_id=proposal.id,
        before=first,
        after=asked.after,
        before_amount=before["total_requested_amount"],
        after_amount=after["total_requested_amount"],
        programs=[
            schemas.ChangedProgramRead.model_validate(each) for each in compare_texts(before, after)
        ],
    )


def _told(amounts: Amounts) -> dict[str, Any]:
    return {
        "requested_amount": amounts.requested_amount,
        "recommended_amount": amounts.recommended_amount,
        "approved_amount": amounts.approved_amount,
        "enacted_amount": amounts.enacted_amount,
    }


def _by_class(told: dict[str, Amounts]) -> list[schemas.ClassSideRead]:
    return [
        schemas.ClassSideRead(expense_class=expense_class, **_told(amounts))
        for expense_class, amounts in told.items()
    ]


def _program(side: ProgramSide) -> schemas.ProgramSideRead:
    return schemas.ProgramSideRead(
        **_told(side.amounts),
        program_id=side.program.id,
        title=side.program.title,
        by_class=_by_class(side.by_class),
        line_items=[
            schemas.LineSideRead(
                line_item_id=each.line.id,
                expense_class=each.line.expense_class,
                object_code=each.line.object_code,
                description=each.line.description,
                requested_amount=each.amounts.requested_amount,
                recommended_amount=each.amounts.recommended_amount,
                approved_amount=each.amounts.approved_amount,
            )
            for each in side.lines
        ],
    )
