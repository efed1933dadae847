"""Every SELECT of approvals."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.approvals.model import Approval, ApprovalNotFound
from services.identity.approvals.schemas import ApprovalListParams


async def list_approvals(session: AsyncSession, params: ApprovalListParams) -> Rows[Approval]:
    statement = select(Approval)
    if params.status is not None:
        statement = statement.where(Approval.status == params.status.value)
    return await page(session, statement, Approval, params)


async def get_approval(session: AsyncSession, approval_id: UUID, *, lock: bool = False) -> Approval:
    statement = select(Approval).where(Approval.id == approval_id)
    if lock:
        statement = statement.with_for_update()
    approval = await session.scalar(statement)
    if approval is None:
        raise ApprovalNotFound
    return approval
