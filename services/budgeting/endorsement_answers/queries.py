"""Every SELECT on answers to requests for endorsement."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.endorsement_answers.model import (
    AnswerStatus,
    EndorsementAnswer,
    EndorsementAnswerNotFound,
    NotAsked,
)
from services.budgeting.endorsement_answers.schemas import EndorsementAnswerFilter
from services.budgeting.endorsement_requests.model import EndorsementRequest


async def get_endorsement_answer(
    session: AsyncSession, answer_id: UUID, *, lock: bool = False
) -> EndorsementAnswer:
    statement: Select[EndorsementAnswer] = select(EndorsementAnswer).where(
        EndorsementAnswer.id == answer_id
    )
    if lock:
        statement = statement.with_for_update()
    answer = (await session.scalars(statement)).one_or_none()
    if answer is None:
        raise EndorsementAnswerNotFound
    return answer


async def get_request_to(
    session: AsyncSession, request_id: UUID, *, to: UUID
) -> EndorsementRequest:
    """Return another organization's request that `to` was asked by."""
    statement: Select[EndorsementRequest] = select(EndorsementRequest).where(
        EndorsementRequest.id == request_id, EndorsementRequest.to_org_id == to
    )
    request = (await session.scalars(statement)).one_or_none()
    if request is None:
        raise NotAsked(pointer="/body/endorsement_request_id")
    return request


async def find_draft(session: AsyncSession, request_id: UUID) -> EndorsementAnswer | None:
    statement: Select[EndorsementAnswer] = select(EndorsementAnswer).where(
        EndorsementAnswer.endorsement_request_id == request_id,
        EndorsementAnswer.status == AnswerStatus.draft,
    )
    return (await session.scalars(statement)).one_or_none()


async def list_endorsement_answers(
    session: AsyncSession, params: EndorsementAnswerFilter
) -> Rows[EndorsementAnswer]:
    statement: Select[EndorsementAnswer] = select(EndorsementAnswer)
    return await page(
        session,
        statement,
        EndorsementAnswer,
        params,
        ("fiscal_year", "endorsement_request_id", "status"),
    )
