"""Invitations and answers: a row of the lead, and a row of the invited organization."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.coordination.db import Base
from services.coordination.known_organizations.model import (
    KnownOrganization,
    OrganizationName,
    known_by,
    name_of,
)

VALID_DAYS = 14
"""How long an invitation can be answered unless the lead says otherwise (section 5.1)."""


class InvitationStatus(StrEnum):
    """Where an invitation stands; `prepared` is written but not sent."""

    prepared = "prepared"
    pending = "pending"
    accepted = "accepted"
    declined = "declined"
    withdrawn = "withdrawn"
    expired = "expired"
    revoked = "revoked"
    removed = "removed"


STANDING = (InvitationStatus.prepared, InvitationStatus.pending, InvitationStatus.accepted)
UNANSWERED = (InvitationStatus.prepared, InvitationStatus.pending, InvitationStatus.expired)


class AnswerWord(StrEnum):
    """What an invited organization says; only an acceptance can be withdrawn."""

    accepted = "accepted"
    declined = "declined"
    withdrawn = "withdrawn"


class InvitationNotFound(NotFound):
    """The partnership has no such invitation."""

    title = "This partnership has no such invitation."


class InvitationNotPending(Conflict):
    """Only an invitation that waits for its answer is accepted, declined or revoked."""

    title = "The invitation does not wait for an answer."


class InvitationNotAccepted(Conflict):
    """Only who accepted withdraws or is removed."""

    title = "The invitation is not accepted."


class PartnershipAnswer(TenantOwned, Base):
    """The answer of an invited organization: its own row, which the lead reads."""

    __tablename__ = "partnership_answers"
    __table_args__ = (
        # Who answers is who was invited, to this partnership, by this lead: one key says all.
        ForeignKeyConstraint(
            ["lead_org_id", "partnership_id", "invitation_id", "org_id"],
            [
                "coordination.partnership_invitations.org_id",
                "coordination.partnership_invitations.partnership_id",
                "coordination.partnership_invitations.id",
                "coordination.partnership_invitations.invited_org_id",
            ],
            name="fk_partnership_answers_invitation",
        ),
        check("answer", f"answer IN {tuple(AnswerWord.__members__)}"),
        check("withdrawal", "(answer = 'withdrawn') = (withdrawn_at IS NOT NULL)"),
        check("reason", "answer <> 'withdrawn' OR reason <> ''"),
        Index(
            "ix_partnership_answers_invitation",
            "org_id",
            "lead_org_id",
            "invitation_id",
            unique=True,
        ),
    )
    noun: ClassVar[str] = "coordination.inter_moa_partnership"

    lead_org_id: Mapped[UUID] = mapped_column(Uuid)
    partnership_id: Mapped[UUID] = mapped_column(Uuid)
    invitation_id: Mapped[UUID] = mapped_column(Uuid)
    answer: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_by: Mapped[UUID] = mapped_column(Uuid)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_by: Mapped[UUID | None] = mapped_column(Uuid)

    def withdraw(self, *, reason: str, by: UUID, at: datetime) -> None:
        """Take back an acceptance."""
        if self.answer != AnswerWord.accepted:
            raise InvitationNotAccepted(f"It is {self.answer}.")
        self.answer, self.reason = AnswerWord.withdrawn, reason
        self.withdrawn_by, self.withdrawn_at = by, at


class PartnershipInvitation(TenantOwned, Base):
    """What a lead asks of one organization; the asked one reads it once it is sent."""

    __tablename__ = "partnership_invitations"
    __table_args__ = (
        tenant_fk("partnership_id", "coordination.inter_moa_partnerships"),
        UniqueConstraint(
            "org_id",
            "partnership_id",
            "id",
            "invited_org_id",
            name="uq_partnership_invitations_addressee",
        ),
        check("not_to_itself", "invited_org_id <> org_id"),
        check("sending", "(sent_at IS NULL) = (expires_at IS NULL)"),
        check("removal", "(removed_at IS NULL) = (removal_reason = '')"),
        Index(
            "ix_partnership_invitations_one_open",
            "org_id",
            "partnership_id",
            "invited_org_id",
            unique=True,
            postgresql_where=text(
                "revoked_at IS NULL AND removed_at IS NULL AND closed_at IS NULL"
            ),
        ),
    )
    noun: ClassVar[str] = "coordination.inter_moa_partnership"

    partnership_id: Mapped[UUID] = mapped_column(Uuid)
    partnership_title: Mapped[str] = mapped_column(Text)
    invited_org_id: Mapped[UUID] = mapped_column(Uuid)
    message: Mapped[str] = mapped_column(Text)
    asked_commitment: Mapped[str] = mapped_column(Text)
    valid_days: Mapped[int]
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    removal_reason: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answer: Mapped[PartnershipAnswer | None] = relationship(
        primaryjoin=lambda: (
            (PartnershipAnswer.org_id == PartnershipInvitation.invited_org_id)
            & (PartnershipAnswer.lead_org_id == PartnershipInvitation.org_id)
            & (PartnershipAnswer.invitation_id == PartnershipInvitation.id)
        ),
        foreign_keys=lambda: [PartnershipAnswer.org_id, PartnershipAnswer.invitation_id],
        viewonly=True,
        uselist=False,
        lazy="raise",
    )
    known_lead: Mapped[KnownOrganization | None] = known_by(lambda: PartnershipInvitation.org_id)
    known_invited: Mapped[KnownOrganization | None] = known_by(
        lambda: PartnershipInvitation.invited_org_id
    )

    @property
    def lead(self) -> OrganizationName:
        """Who invites."""
        return name_of(self.org_id, self.known_lead)

    @property
    def invited(self) -> OrganizationName:
        """Who is invited."""
        return name_of(self.invited_org_id, self.known_invited)

    @property
    def status(self) -> InvitationStatus:
        """Where the invitation stands now: the lead's word and the answer together."""
        if self.removed_at is not None:
            return InvitationStatus.removed
        if self.revoked_at is not None:
            return InvitationStatus.revoked
        if self.answer is not None:
            return InvitationStatus(self.answer.answer)
        if self.expires_at is None:
            return InvitationStatus.prepared
        is_over = self.closed_at is not None or self.expires_at <= now_of(self)
        return InvitationStatus.expired if is_over else InvitationStatus.pending

    @property
    def answered_at(self) -> datetime | None:
        """When the invited organization answered."""
        return self.answer.answered_at if self.answer else None

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it took its acceptance back."""
        return self.answer.withdrawn_at if self.answer else None

    @property
    def reason(self) -> str:
        """Why it declined, withdrew or was removed."""
        return self.removal_reason or (self.answer.reason if self.answer else "")

    @property
    def allowed_actions(self) -> list[str]:
        """The verbs open to whoever loaded this: the lead's, or those of the invited."""
        actor = actor_of(self)
        if actor is None:
            return []
        verbs = self.lead_actions if actor.org_id == self.org_id else self.invited_actions
        return [verb for verb in verbs if actor.may(f"{self.noun}.{verb}")]

    @property
    def lead_actions(self) -> Iterable[str]:
        """What the state leaves open to the lead."""
        if self.closed_at is not None:
            return ()
        if self.status in UNANSWERED:
            return ("revoke",)
        return ("remove",) if self.status == InvitationStatus.accepted else ()

    @property
    def invited_actions(self) -> Iterable[str]:
        """What the state leaves open to the invited organization."""
        if self.status == InvitationStatus.pending:
            return ("accept", "decline")
        is_in = self.status == InvitationStatus.accepted and self.closed_at is None
        return ("withdraw",) if is_in else ()

    def send(self, *, title: str, at: datetime) -> None:
        """Let the invited organization see it, under the title it has now."""
        self.partnership_title = title
        self.sent_at, self.expires_at = at, at + timedelta(days=self.valid_days)

    def call_back(self) -> None:
        """Hide what was not answered yet, while the lead rewrites what it asks."""
        if self.status == InvitationStatus.pending:
            self.sent_at = self.expires_at = None

    def revoke(self, *, at: datetime) -> None:
        """Take the question back before it is answered."""
        if self.status not in UNANSWERED:
            raise InvitationNotPending(f"It is {self.status}.")
        self.revoked_at = at

    def remove(self, *, reason: str, at: datetime) -> None:
        """End the part that the organization has taken, with the reason."""
        if self.status != InvitationStatus.accepted:
            raise InvitationNotAccepted(f"It is {self.status}.")
        self.removed_at, self.removal_reason = at, reason

    def close(self, *, at: datetime) -> None:
        """Let the invitation be history: it is neither answered nor left any more."""
        self.closed_at = self.closed_at or at


def actor_of(row: object) -> Actor | None:
    """Return who loaded a row."""
    session = object_session(row)
    return session.info.get("actor") if session else None


def now_of(row: object) -> datetime:
    """Return the instant of the unit of work that holds a row."""
    session = object_session(row)
    now: datetime | None = session.info.get("now") if session else None
    return now or datetime.now(UTC)
