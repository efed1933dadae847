"""What an organization does to give its word, and what that does where it was asked for."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.endorsement_answers.events import EndorsementAnswerIssued
from services.budgeting.endorsement_answers.model import (
    AnswerDrafted,
    AnswerStatus,
    EndorsementAnswer,
)
from services.budgeting.endorsement_answers.queries import (
    find_draft,
    get_endorsement_answer,
    get_request_to,
)
from services.budgeting.endorsement_answers.schemas import EndorsementAnswerCreate
from services.budgeting.endorsements.schemas import WordCreate
from services.budgeting.endorsements.usecases import keep_word


async def create_endorsement_answer(
    uow: UnitOfWork, told: EndorsementAnswerCreate
) -> EndorsementAnswer:
    """Draft the word on what another organization showed; nothing changes there yet."""
    me = uow.actor.org_id
    asked = await get_request_to(uow.session, told.endorsement_request_id, to=me)
    if await find_draft(uow.session, asked.id) is not None:
        raise AnswerDrafted
    answer = EndorsementAnswer(
        **dict(told),
        for_org_id=asked.org_id,
        endorser=asked.endorser,
        fiscal_year=asked.fiscal_year,
        status=AnswerStatus.draft,
    )
    uow.session.add(answer)
    return answer


async def delete_endorsement_answer(uow: UnitOfWork, answer_id: UUID) -> None:
    """Remove a draft."""
    answer = await _locked(uow, answer_id)
    answer.check_draft()
    await uow.session.delete(answer)


async def approve_endorsement_answer(uow: UnitOfWork, answer_id: UUID) -> EndorsementAnswer:
    """Issue what someone else drafted; it counts on the proposal that it is about."""
    answer = await _locked(uow, answer_id)
    answer.issue(by=uow.actor.user_id, at=uow.now())
    uow.publish(EndorsementAnswerIssued.about(answer), of=answer)
    return answer


async def follow_issued_answer(
    uow: UnitOfWork, request_id: UUID, told: WordCreate, *, endorser_org_id: UUID
) -> None:
    """Keep the word that was asked for, about the lines as they were shown."""
    asked = await get_request_to(uow.session, request_id, to=endorser_org_id)
    await keep_word(
        uow,
        asked.proposal_id,
        told,
        endorser_org_id=endorser_org_id,
        **{name: getattr(asked, name) for name in COVERED},
    )


COVERED = ("endorser", "kind", "covered_amount", "covered_digest")


async def _locked(uow: UnitOfWork, answer_id: UUID) -> EndorsementAnswer:
    answer = await get_endorsement_answer(uow.session, answer_id, lock=True)
    uow.expect(answer)
    return answer
