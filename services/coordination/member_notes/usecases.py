"""What an organization does with its own notes."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.coordination.inter_moa_partnerships.queries import get_partnership
from services.coordination.member_notes.model import PartnershipNote
from services.coordination.member_notes.queries import get_note
from services.coordination.member_notes.schemas import NoteCreate
from services.coordination.partnership_states.model import NotInvited, Role


async def create_note(uow: UnitOfWork, partnership_id: UUID, told: NoteCreate) -> PartnershipNote:
    """Write a note for one's own organization; nobody else will ever read it."""
    partnership = await get_partnership(uow.session, partnership_id)
    if partnership.role == Role.observer:
        raise NotInvited
    own = partnership.own_invitation
    note = PartnershipNote(
        lead_org_id=partnership.org_id,
        partnership_id=partnership.id,
        invitation_id=own.id if own else None,
        text=told.text,
    )
    uow.session.add(note)
    return note


async def delete_note(uow: UnitOfWork, partnership_id: UUID, note_id: UUID) -> None:
    """Throw a note of one's own organization away, for good."""
    note = await get_note(uow.session, partnership_id, note_id)
    uow.expect(note)
    await uow.session.delete(note)
