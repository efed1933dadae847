"""Every SELECT on imports of line items."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from libs.chassis.paging import Rows, page
from services.budgeting.line_item_imports.model import ImportNotFound, LineItemImport
from services.budgeting.line_item_imports.schemas import LineItemImportFilter
from services.budgeting.proposal_states.model import ProposalNotFound
from services.budgeting.proposals.model import Proposal


async def get_line_item_import(
    session: AsyncSession, proposal_id: UUID, import_id: UUID, *, lock: bool = False
) -> LineItemImport:
    statement: Select[LineItemImport] = (
        select(LineItemImport)
        .where(LineItemImport.proposal_id == proposal_id, LineItemImport.id == import_id)
        .options(*(undefer(column) for column in _WHOLE))
    )
    if lock:
        statement = statement.with_for_update()
    found = (await session.scalars(statement)).one_or_none()
    if found is None:
        raise ImportNotFound
    return found


async def list_line_item_imports(
    session: AsyncSession, proposal_id: UUID, params: LineItemImportFilter
) -> Rows[LineItemImport]:
    if await session.scalar(select(Proposal.id).where(Proposal.id == proposal_id)) is None:
        raise ProposalNotFound
    statement: Select[LineItemImport] = select(LineItemImport).where(
        LineItemImport.proposal_id == proposal_id
    )
    return await page(session, statement, LineItemImport, params)


_WHOLE = (
    LineItemImport.steps,
    LineItemImport.differences,
    LineItemImport.rejections,
    LineItemImport.before,
)
