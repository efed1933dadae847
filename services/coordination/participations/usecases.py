"""How organizations come into a partnership, what they bring, and how they leave it."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.coordination.activities.model import Deed
from services.coordination.commitments.model import PartnershipCommitment
from services.coordination.inter_moa_partnerships.events import (
    InvitationRevoked,
    OrganizationInvited,
    ParticipantRemoved,
)
from services.coordination.inter_moa_partnerships.model import InterMoaPartnership
from services.coordination.inter_moa_partnerships.queries import (
    get_led_partnership,
    get_partnership,
    get_shared_partnership,
)
from services.coordination.inter_moa_partnerships.usecases import announce, locked, record
from services.coordination.invitations.model import (
    AnswerWord,
    InvitationNotAccepted,
    InvitationNotPending,
    InvitationStatus,
    PartnershipAnswer,
    PartnershipInvitation,
)
from services.coordination.known_organizations.queries import find_organization_of_code
from services.coordination.participations.events import (
    InvitationAccepted,
    InvitationDeclined,
    ParticipantWithdrawn,
)
from services.coordination.participations.queries import (
    find_received_invitation,
    get_invitation,
    get_own_commitment,
)
from services.coordination.participations.schemas import (
    CommitmentChange,
    CommitmentCreate,
    InvitationCreate,
)
from services.coordination.partnership_states.model import (
    LeadNotInvitable,
    NotInvited,
    OrganizationNotInvitable,
    PartnershipStatus,
)


async def invite_organization(
    uow: UnitOfWork, partnership_id: UUID, told: InvitationCreate
) -> InterMoaPartnership:
    """Ask one more organization to join; it sees the question unless the terms are a draft."""
    partnership = await get_led_partnership(uow.session, partnership_id, uow.actor.org_id)
    invited = await find_organization_of_code(uow.session, told.organization_code)
    if invited is None:
        raise OrganizationNotInvitable(pointer="/body/organization_code")
    if invited.org_id == partnership.org_id:
        raise LeadNotInvitable(pointer="/body/organization_code")
    partnership.check_invitable(invited.org_id)
    for earlier in partnership.invitations:
        if earlier.invited_org_id == invited.org_id:
            earlier.close(at=uow.now())
    await uow.session.flush()
    invitation = PartnershipInvitation(
        **told.model_dump(exclude={"organization_code"}),
        id=uuid7(),
        partnership_title=partnership.title,
        invited_org_id=invited.org_id,
        removal_reason="",
    )
    partnership.invitations.append(invitation)
    if partnership.status != PartnershipStatus.draft:
        invitation.send(title=partnership.title, at=uow.now())
        record(uow, partnership, Deed.invited, about=invitation)
    partnership.touch(uow.now())
    return await _announce_unless_draft(uow, partnership, OrganizationInvited)


async def revoke_invitation(
    uow: UnitOfWork, partnership_id: UUID, invitation_id: UUID
) -> InterMoaPartnership:
    """Take a question back before it is answered; the organization no longer sees what it asks."""
    partnership = await locked(uow, partnership_id)
    partnership.check_open()
    invitation = get_invitation(partnership, invitation_id)
    invitation.revoke(at=uow.now())
    record(uow, partnership, Deed.revoked, about=invitation)
    partnership.touch(uow.now())
    return await _announce_unless_draft(uow, partnership, InvitationRevoked)


async def remove_participant(
    uow: UnitOfWork, partnership_id: UUID, invitation_id: UUID, reason: str
) -> InterMoaPartnership:
    """End the part of an organization with a reason; work that this leaves short is held."""
    partnership = await locked(uow, partnership_id)
    partnership.check_open()
    invitation = get_invitation(partnership, invitation_id)
    invitation.remove(reason=reason, at=uow.now())
    record(uow, partnership, Deed.removed, about=invitation)
    if partnership.shortage and partnership.status == PartnershipStatus.active:
        before = partnership.status
        partnership.hold(reason=partnership.shortage)
        record(uow, partnership, Deed.held, before=before)
    partnership.touch(uow.now())
    return await _announce_unless_draft(uow, partnership, ParticipantRemoved)


async def accept_invitation(uow: UnitOfWork, partnership_id: UUID) -> InterMoaPartnership:
    """Join on the terms that one has read; the whole partnership is open from here on."""
    invitation = await _answerable(uow, partnership_id)
    answer = _answer(uow, invitation, AnswerWord.accepted, reason="")
    partnership = await get_partnership(uow.session, partnership_id)
    record(uow, partnership, Deed.accepted, about=invitation)
    uow.publish(InvitationAccepted.about(answer), of=answer)
    await uow.session.flush()
    return await get_partnership(uow.session, partnership_id)


async def decline_invitation(
    uow: UnitOfWork, partnership_id: UUID, reason: str
) -> PartnershipInvitation:
    """Stay out; of the partnership one sees from here on only that one was invited."""
    invitation = await _answerable(uow, partnership_id)
    partnership = await get_partnership(uow.session, partnership_id)
    record(uow, partnership, Deed.declined, about=invitation)
    answer = _answer(uow, invitation, AnswerWord.declined, reason=reason)
    uow.publish(InvitationDeclined.about(answer), of=answer)
    return await _received(uow, partnership_id)


async def withdraw_participation(
    uow: UnitOfWork, partnership_id: UUID, reason: str
) -> PartnershipInvitation:
    """Leave with a reason; what one promised no longer counts, and one no longer sees the rest."""
    partnership = await get_partnership(uow.session, partnership_id, lock=True)
    invitation = partnership.own_invitation
    if invitation is None:
        raise NotInvited
    if invitation.status != InvitationStatus.accepted or invitation.answer is None:
        raise InvitationNotAccepted(f"It is {invitation.status}.")
    uow.expect(partnership)
    partnership.check_open()
    record(uow, partnership, Deed.withdrawn, about=invitation)
    invitation.answer.withdraw(reason=reason, by=uow.actor.user_id, at=uow.now())
    uow.publish(ParticipantWithdrawn.about(invitation.answer), of=invitation.answer)
    return await _received(uow, partnership_id)


async def create_commitment(
    uow: UnitOfWork, partnership_id: UUID, told: CommitmentCreate
) -> PartnershipCommitment:
    """Promise something for one's own organization; lead and participants see it."""
    partnership = await get_shared_partnership(uow.session, partnership_id, lock=True)
    partnership.check_open()
    own = partnership.own_invitation
    commitment = PartnershipCommitment(
        **told.model_dump(),
        id=uuid7(),
        lead_org_id=partnership.org_id,
        partnership_id=partnership.id,
        invitation_id=own.id if own else None,
        is_delivered=False,
        cancel_reason="",
    )
    commitment.settle(today=partnership.today)
    uow.session.add(commitment)
    record(uow, partnership, Deed.committed)
    return await _own_commitment(uow, partnership, commitment.id)


async def change_commitment(
    uow: UnitOfWork, partnership_id: UUID, commitment_id: UUID, told: CommitmentChange
) -> PartnershipCommitment:
    """Change what one's own organization promised, or tell that it is delivered."""
    partnership, commitment = await _commitment(uow, partnership_id, commitment_id)
    commitment.check_open()
    for name, value in told.changes().items():
        setattr(commitment, name, value)
    commitment.settle(today=partnership.today)
    record(uow, partnership, Deed.commitment_changed)
    return commitment


async def cancel_commitment(
    uow: UnitOfWork, partnership_id: UUID, commitment_id: UUID, reason: str
) -> PartnershipCommitment:
    """Take a promise of one's own organization back with a reason; it stays on record."""
    partnership, commitment = await _commitment(uow, partnership_id, commitment_id)
    commitment.cancel(reason=reason, at=uow.now())
    record(uow, partnership, Deed.commitment_cancelled)
    return commitment


async def _announce_unless_draft(
    uow: UnitOfWork,
    partnership: InterMoaPartnership,
    event: type[OrganizationInvited | InvitationRevoked | ParticipantRemoved],
) -> InterMoaPartnership:
    if partnership.status != PartnershipStatus.draft:
        return await announce(uow, partnership, event)
    await uow.session.flush()
    return await get_partnership(uow.session, partnership.id)


async def _answerable(uow: UnitOfWork, partnership_id: UUID) -> PartnershipInvitation:
    """Return the invitation that one's own organization may answer, at the terms that it read.

    Who was invited once is told why there is nothing to answer; who never was learns nothing.
    """
    own = await find_received_invitation(uow.session, partnership_id, uow.actor.org_id)
    if own is not None and own.status != InvitationStatus.pending:
        raise InvitationNotPending(f"It is {own.status}.")
    partnership = await get_partnership(uow.session, partnership_id, lock=True)
    invitation = partnership.own_invitation
    if invitation is None:
        raise NotInvited
    if invitation.status != InvitationStatus.pending:
        raise InvitationNotPending(f"It is {invitation.status}.")
    uow.expect(partnership)
    partnership.check_open()
    return invitation


def _answer(
    uow: UnitOfWork, invitation: PartnershipInvitation, word: AnswerWord, *, reason: str
) -> PartnershipAnswer:
    answer = PartnershipAnswer(
        id=uuid7(),
        lead_org_id=invitation.org_id,
        partnership_id=invitation.partnership_id,
        invitation_id=invitation.id,
        answer=word,
        reason=reason,
        answered_by=uow.actor.user_id,
        answered_at=uow.now(),
    )
    uow.session.add(answer)
    return answer


async def _received(uow: UnitOfWork, partnership_id: UUID) -> PartnershipInvitation:
    await uow.session.flush()
    own = await find_received_invitation(uow.session, partnership_id, uow.actor.org_id)
    if own is None:
        raise NotInvited
    return own


async def _commitment(
    uow: UnitOfWork, partnership_id: UUID, commitment_id: UUID
) -> tuple[InterMoaPartnership, PartnershipCommitment]:
    partnership = await get_shared_partnership(uow.session, partnership_id, lock=True)
    commitment = await get_own_commitment(uow.session, partnership, commitment_id, uow.actor.org_id)
    uow.expect(commitment)
    partnership.check_open()
    return partnership, commitment


async def _own_commitment(
    uow: UnitOfWork, partnership: InterMoaPartnership, commitment_id: UUID
) -> PartnershipCommitment:
    await uow.session.flush()
    return await get_own_commitment(uow.session, partnership, commitment_id, uow.actor.org_id)
