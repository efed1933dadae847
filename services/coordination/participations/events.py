"""What an invited organization announces: its own answer."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.outbox.event import Event
from services.coordination.invitations.model import PartnershipAnswer


class AnswerEvent(Event):
    """The answer of one organization to one invitation; its organization is the event's."""

    partnership_id: UUID
    lead_org_id: UUID
    invitation_id: UUID
    answer: str

    @classmethod
    def about(cls, answer: PartnershipAnswer) -> Self:
        """Return this event for an answer as it now is."""
        return cls.model_validate({name: getattr(answer, name) for name in cls.model_fields})


class InvitationAccepted(AnswerEvent):
    """An organization takes part; it sees the whole partnership and may promise its share."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.accepted.v1"


class InvitationDeclined(AnswerEvent):
    """An organization does not take part; it may be invited again."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.declined.v1"


class ParticipantWithdrawn(AnswerEvent):
    """An organization left; its promises no longer count."""

    subject: ClassVar[str] = "coordination.inter_moa_partnership.withdrawn.v1"
