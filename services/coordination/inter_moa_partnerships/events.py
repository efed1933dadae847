"""What the lead announces about a partnership; each event carries its public state."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.coordination.inter_moa_partnerships.model import InterMoaPartnership


class MemberState(Event):
    """A member as others may know it."""

    org_id: UUID
    role: str
    status: str


class PartnershipEvent(Event):
    """The public state of a partnership; drafts are never announced."""

    partnership_id: UUID
    title: str
    partnership_type: str
    status: str
    priority: str
    visibility: str
    lead_org_id: UUID
    starts_on: date | None
    ends_on: date | None
    requires_ocm_approval: bool
    total_budget_amount: Money
    members: list[MemberState]

    @classmethod
    def about(cls, partnership: InterMoaPartnership) -> Self:
        """Return this event for a partnership as it now is."""
        return cls(
            partnership_id=partnership.id,
            title=partnership.title,
            partnership_type=partnership.partnership_type,
            status=partnership.status,
            priority=partnership.priority,
            visibility=partnership.visibility,
            lead_org_id=partnership.org_id,
            starts_on=partnership.starts_on,
            ends_on=partnership.ends_on,
            requires_ocm_approval=partnership.requires_ocm_approval,
            total_budget_amount=partnership.total_budget_amount,
            members=[
                MemberState(org_id=member.org_id, role=member.role, status=member.status)
                for member in partnership.members
            ],
        )


class PartnershipSubmitted(PartnershipEvent):
    """The terms were fixed and the invitations sent; answers may come."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.submitted.v1"


class PartnershipReturned(PartnershipEvent):
    """The terms were opened again; the partnership is a draft until it is submitted anew."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.returned.v1"


class PartnershipActivated(PartnershipEvent):
    """Everyone needed has accepted and the work began."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.activated.v1"


class PartnershipHeld(PartnershipEvent):
    """The work was interrupted; it may be resumed."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.held.v1"


class PartnershipResumed(PartnershipEvent):
    """The work was taken up again."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.resumed.v1"


class PartnershipCompleted(PartnershipEvent):
    """The work ended with an outcome; nothing begins."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.completed.v1"


class PartnershipTerminated(PartnershipEvent):
    """The partnership ended before its time; nothing begins."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.terminated.v1"


class OrganizationInvited(PartnershipEvent):
    """One more organization was asked to join; its answer may come."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.invited.v1"


class InvitationRevoked(PartnershipEvent):
    """An unanswered invitation was taken back."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.revoked.v1"


class ParticipantRemoved(PartnershipEvent):
    """The lead ended the part of one organization; active work that it leaves short is held."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.removed.v1"
