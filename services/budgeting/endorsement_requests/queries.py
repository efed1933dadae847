"""Every SELECT on requests for endorsement."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from libs.chassis.paging import Rows, page
from services.budgeting.endorsement_requests.model import (
    EndorsementRequest,
    EndorsementRequestNotFound,
)
from services.budgeting.endorsement_requests.schemas import EndorsementRequestFilter


async def get_endorsement_request(session: AsyncSession, request_id: UUID) -> EndorsementRequest:
    """Return a request of one's own, or one that others made to one's organization."""
    statement: Select[EndorsementRequest] = select(EndorsementRequest).where(
        EndorsementRequest.id == request_id
    )
    request = (await session.scalars(statement)).one_or_none()
    if request is None:
        raise EndorsementRequestNotFound
    return request


async def list_endorsement_requests(
    session: AsyncSession, mine: UUID, params: EndorsementRequestFilter
) -> Rows[EndorsementRequest]:
    to_us = and_(EndorsementRequest.org_id != mine, EndorsementRequest.to_org_id == mine)
    statement: Select[EndorsementRequest] = select(EndorsementRequest).where(
        to_us if params.submitted else EndorsementRequest.org_id == mine
    )
    plain = statement.options(defer(EndorsementRequest.content))
    return await page(session, plain, EndorsementRequest, params, ("proposal_id", "fiscal_year"))
