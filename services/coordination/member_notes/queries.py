"""Every SELECT on private notes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.coordination.inter_moa_partnerships.queries import get_partnership
from services.coordination.member_notes.model import NoteNotFound, PartnershipNote
from services.coordination.member_notes.schemas import NoteFilter


async def list_notes(
    session: AsyncSession, partnership_id: UUID, params: NoteFilter
) -> Rows[PartnershipNote]:
    partnership = await get_partnership(session, partnership_id)
    statement = select(PartnershipNote).where(
        PartnershipNote.lead_org_id == partnership.org_id,
        PartnershipNote.partnership_id == partnership.id,
    )
    return await page(session, statement, PartnershipNote, params)


async def get_note(session: AsyncSession, partnership_id: UUID, note_id: UUID) -> PartnershipNote:
    partnership = await get_partnership(session, partnership_id)
    statement = select(PartnershipNote).where(
        PartnershipNote.partnership_id == partnership.id, PartnershipNote.id == note_id
    )
    note = (await session.scalars(statement.with_for_update())).one_or_none()
    if note is None:
        raise NoteNotFound
    return note
