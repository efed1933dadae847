"""What the lead does with its partnership, one function a verb; and how a change is told."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.coordination.activities.model import Deed, PartnershipActivity
from services.coordination.inter_moa_partnerships.events import (
    PartnershipActivated,
    PartnershipCompleted,
    PartnershipEvent,
    PartnershipHeld,
    PartnershipResumed,
    PartnershipReturned,
    PartnershipSubmitted,
    PartnershipTerminated,
)
from services.coordination.inter_moa_partnerships.model import InterMoaPartnership
from services.coordination.inter_moa_partnerships.queries import (
    get_led_partnership,
    get_partnership,
)
from services.coordination.inter_moa_partnerships.schemas import (
    PartnershipChange,
    PartnershipCreate,
)
from services.coordination.invitations.model import (
    UNANSWERED,
    InvitationStatus,
    PartnershipInvitation,
)
from services.coordination.partnership_states.model import PartnershipStatus


async def create_partnership(uow: UnitOfWork, told: PartnershipCreate) -> InterMoaPartnership:
    """Begin a draft led by one's own organization; nobody else sees it yet."""
    partnership = InterMoaPartnership(
        **told.model_dump(),
        id=uuid7(),
        status=PartnershipStatus.draft,
        status_reason="",
        outcome_report="",
        invitations=[],
    )
    partnership.check_dates()
    uow.session.add(partnership)
    await uow.session.flush()
    return await get_partnership(uow.session, partnership.id)


async def change_partnership(
    uow: UnitOfWork, partnership_id: UUID, told: PartnershipChange
) -> InterMoaPartnership:
    """Edit a draft; once submitted, the terms are fixed."""
    partnership = await locked(uow, partnership_id)
    partnership.check_draft()
    for name, value in told.changes().items():
        setattr(partnership, name, value)
    partnership.check_dates()
    return partnership


async def delete_partnership(uow: UnitOfWork, partnership_id: UUID) -> None:
    """Remove a draft that nobody else ever saw, with all that was prepared for it."""
    partnership = await locked(uow, partnership_id)
    partnership.check_deletable()
    for part in (*partnership.invitations, *partnership.commitments):
        await uow.session.delete(part)
    await uow.session.flush()
    await uow.session.delete(partnership)


async def submit_partnership(uow: UnitOfWork, partnership_id: UUID) -> InterMoaPartnership:
    """Fix the terms and send the invitations; they can be answered from here on."""
    partnership = await locked(uow, partnership_id)
    before, prepared = partnership.status, partnership.invited(InvitationStatus.prepared)
    partnership.submit(by=uow.actor.user_id, at=uow.now())
    record(uow, partnership, Deed.submitted, before=before)
    for one in prepared:
        record(uow, partnership, Deed.invited, about=one)
    return await announce(uow, partnership, PartnershipSubmitted)


async def return_partnership(
    uow: UnitOfWork, partnership_id: UUID, remarks: str
) -> InterMoaPartnership:
    """Open the terms again; who has not answered is not asked until they are submitted anew."""
    partnership = await locked(uow, partnership_id)
    before = partnership.status
    partnership.return_(remarks=remarks)
    record(uow, partnership, Deed.returned, before=before)
    return await announce(uow, partnership, PartnershipReturned)


async def activate_partnership(uow: UnitOfWork, partnership_id: UUID) -> InterMoaPartnership:
    """Begin the work that someone else drafted and all needed have accepted."""
    partnership = await locked(uow, partnership_id)
    before, expired = partnership.status, partnership.invited(InvitationStatus.expired)
    partnership.activate(by=uow.actor.user_id, at=uow.now())
    record(uow, partnership, Deed.activated, before=before)
    for one in expired:
        record(uow, partnership, Deed.revoked, about=one)
    return await announce(uow, partnership, PartnershipActivated)


async def hold_partnership(
    uow: UnitOfWork, partnership_id: UUID, reason: str
) -> InterMoaPartnership:
    """Interrupt active work with a reason; it can be resumed or terminated."""
    partnership = await locked(uow, partnership_id)
    before = partnership.status
    partnership.hold(reason=reason)
    record(uow, partnership, Deed.held, before=before)
    return await announce(uow, partnership, PartnershipHeld)


async def resume_partnership(uow: UnitOfWork, partnership_id: UUID) -> InterMoaPartnership:
    """Take interrupted work up again when enough take part."""
    partnership = await locked(uow, partnership_id)
    before = partnership.status
    partnership.resume()
    record(uow, partnership, Deed.resumed, before=before)
    return await announce(uow, partnership, PartnershipResumed)


async def complete_partnership(
    uow: UnitOfWork, partnership_id: UUID, outcome_report: str
) -> InterMoaPartnership:
    """End active work with its outcome; nothing in it changes any more."""
    partnership = await locked(uow, partnership_id)
    before, unanswered = partnership.status, partnership.invited(*UNANSWERED)
    partnership.complete(report=outcome_report, at=uow.now())
    record(uow, partnership, Deed.completed, before=before)
    for one in unanswered:
        record(uow, partnership, Deed.revoked, about=one)
    return await announce(uow, partnership, PartnershipCompleted)


async def terminate_partnership(
    uow: UnitOfWork, partnership_id: UUID, reason: str
) -> InterMoaPartnership:
    """End a partnership before its time with a reason; it can never be taken up again."""
    partnership = await locked(uow, partnership_id)
    before, unanswered = partnership.status, partnership.invited(*UNANSWERED)
    partnership.terminate(reason=reason, at=uow.now())
    record(uow, partnership, Deed.terminated, before=before)
    for one in unanswered:
        record(uow, partnership, Deed.revoked, about=one)
    return await announce(uow, partnership, PartnershipTerminated)


async def locked(uow: UnitOfWork, partnership_id: UUID) -> InterMoaPartnership:
    """Return the partnership for a change by its lead, at the version that the lead saw."""
    partnership = await get_led_partnership(uow.session, partnership_id, uow.actor.org_id)
    uow.expect(partnership)
    return partnership


def record(
    uow: UnitOfWork,
    partnership: InterMoaPartnership,
    deed: Deed,
    *,
    about: PartnershipInvitation | None = None,
    before: str | None = None,
) -> None:
    """Write one line of the timeline; what happens in a first draft is nobody else's business.

    `before` is the state that the deed ended, when it changed the partnership's own.
    """
    if partnership.submitted_at is None:
        return
    is_lead = uow.actor.org_id == partnership.org_id
    own = None if is_lead else partnership.own_invitation
    uow.session.add(
        PartnershipActivity(
            lead_org_id=partnership.org_id,
            partnership_id=partnership.id,
            invitation_id=own.id if own else None,
            deed=deed,
            about_org_id=about.invited_org_id if about else None,
            from_status=before,
            to_status=partnership.status if before else None,
        )
    )


async def announce(
    uow: UnitOfWork, partnership: InterMoaPartnership, event: type[PartnershipEvent]
) -> InterMoaPartnership:
    """Write what was done, and tell the world the state after it unless nobody knew before."""
    await uow.session.flush()
    fresh = await get_partnership(uow.session, partnership.id)
    if fresh.submitted_at is not None:
        uow.publish(event.about(fresh), of=fresh)
    return fresh
