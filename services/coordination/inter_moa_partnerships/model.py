"""Inter-MOA partnerships: fields, states, guards, and who sees how much (sheet, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.coordination.activities import model as activities
from services.coordination.activities.model import PartnershipActivity
from services.coordination.commitments.model import (
    PartnershipCommitment,
    delivered_percent,
    standing,
)
from services.coordination.db import Base
from services.coordination.invitations.model import (
    STANDING,
    UNANSWERED,
    InvitationStatus,
    PartnershipInvitation,
    actor_of,
)
from services.coordination.known_organizations.model import (
    KnownOrganization,
    OrganizationName,
    known_by,
    name_of,
)
from services.coordination.partnership_states import model as states
from services.coordination.partnership_states.model import PartnershipStatus, Role, View
from services.coordination.partnership_types.model import has_room, shortage

PARTS = 1000
"""By how much a change of a part moves the version that a caller sees."""


class InterMoaPartnership(TenantOwned, Base):
    """What several organizations do together; the row is its lead's, the members read it."""

    __tablename__ = "inter_moa_partnerships"
    __table_args__ = (
        check("status", f"status IN {tuple(PartnershipStatus.__members__)}"),
        check("dates", "ends_on > starts_on"),
        check("activator", "activated_by <> created_by"),
        check(
            "complete",
            "status IN ('draft', 'terminated')"
            " OR (starts_on IS NOT NULL AND ends_on IS NOT NULL AND objectives <> '')",
        ),
        check("reason", "status NOT IN ('on_hold', 'terminated') OR status_reason <> ''"),
        check("report", "status <> 'completed' OR outcome_report <> ''"),
        check("activation", f"status NOT IN {states.AFTER_ACTIVATION} OR activated_at IS NOT NULL"),
        Index(None, "org_id", "created_at", "id"),
        Index(None, "org_id", "status"),
    )
    noun: ClassVar[str] = "coordination.inter_moa_partnership"

    title: Mapped[str] = mapped_column(Text)
    partnership_type: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    objectives: Mapped[str] = mapped_column(Text)
    expected_outcomes: Mapped[str] = mapped_column(Text)
    deliverables: Mapped[str] = mapped_column(Text)
    priority: Mapped[str] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(Text)
    requires_ocm_approval: Mapped[bool]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text)
    status_reason: Mapped[str] = mapped_column(Text)
    outcome_report: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    submitted_by: Mapped[UUID | None] = mapped_column(Uuid)
    activated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    activated_by: Mapped[UUID | None] = mapped_column(Uuid)
    terms_version: Mapped[int] = mapped_column("version", sort_order=90)
    invitations: Mapped[list[PartnershipInvitation]] = relationship(
        lazy="raise", order_by=PartnershipInvitation.id, passive_deletes="all"
    )
    commitments: Mapped[list[PartnershipCommitment]] = relationship(
        viewonly=True, lazy="raise", order_by=PartnershipCommitment.id
    )
    membership: Mapped[list[PartnershipActivity]] = relationship(
        primaryjoin="and_(foreign(PartnershipActivity.lead_org_id) == InterMoaPartnership.org_id,"
        " foreign(PartnershipActivity.partnership_id) == InterMoaPartnership.id,"
        " PartnershipActivity.about_org_id.is_not(None))",
        viewonly=True,
        lazy="raise",
        order_by=(PartnershipActivity.created_at, PartnershipActivity.id),
    )
    known_lead: Mapped[KnownOrganization | None] = known_by(lambda: InterMoaPartnership.org_id)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 (SQLAlchemy calls it on the class)
        return {"version_id_col": cls.terms_version, "eager_defaults": True}

    @property
    def version(self) -> int:  # type: ignore[override]
        """What the ETag says: the lead's row, and the parts that others write; both only grow."""
        parts = len(self.membership) + sum(part.version for part in self.commitments)
        return self.terms_version + PARTS * parts

    @property
    def lead(self) -> OrganizationName:
        """Who leads."""
        return name_of(self.org_id, self.known_lead)

    @property
    def own_invitation(self) -> PartnershipInvitation | None:
        """The latest invitation of whoever loaded this; None for the lead and for others."""
        actor = actor_of(self)
        mine = (i for i in reversed(self.invitations) if actor and i.invited_org_id == actor.org_id)
        return next(mine, None)

    @property
    def role(self) -> Role:
        """What the organization of whoever loaded this is to the partnership."""
        actor = actor_of(self)
        if actor is None or actor.org_id == self.org_id:
            return Role.lead
        return states.role_of(self.own_invitation.status if self.own_invitation else None)

    @property
    def view(self) -> View:
        """How much of it that organization may see."""
        return states.view_of(self.role, self.status)

    @property
    def allowed_actions(self) -> list[str]:
        """The verbs open to whoever loaded this: the lead's, or those of the invited."""
        actor = actor_of(self)
        if actor is None:
            return []
        if actor.org_id != self.org_id:
            return self.own_invitation.allowed_actions if self.own_invitation else []
        return [
            verb
            for verb in states.LEAD_ACTIONS[PartnershipStatus(self.status)]
            if verb not in self._closed_to(actor) and actor.may(f"{self.noun}.{verb}")
        ]

    @property
    def members(self) -> list[activities.Member]:
        """The lead, then everyone who was invited since, each with where it stands."""
        lead = activities.lead_member(self.lead, since=self.submitted_at)
        asked = [one.invited for one in self.invited(InvitationStatus.prepared)]
        return [lead, *activities.members_by(self.membership, asked)]

    @property
    def standing_commitments(self) -> list[PartnershipCommitment]:
        """What those who take part now promise."""
        return standing(self.commitments, {each.org_id for each in self.members if each.is_in})

    @property
    def total_budget_amount(self) -> Decimal:
        """The budget that the lead and the accepted members promise together."""
        return sum((one.budget_amount for one in self.standing_commitments), Decimal(0))

    @property
    def delivery(self) -> Decimal | None:
        """Percent of the standing commitments that are delivered; None without any."""
        return delivered_percent(self.standing_commitments)

    @property
    def shortage(self) -> str:
        """What is missing in numbers, as the lead counts; empty when enough have accepted."""
        return shortage(self.partnership_type, len(self.invited(InvitationStatus.accepted)))

    @property
    def warnings(self) -> list[str]:
        """What is allowed but should not last; told to the lead."""
        is_short = self.role == Role.lead and self.status == PartnershipStatus.active
        return [self.shortage] if is_short and self.shortage else []

    def invited(self, *statuses: InvitationStatus) -> list[PartnershipInvitation]:
        """Return the invitations that stand so and are not history."""
        return [one for one in self.invitations if one.status in statuses and not one.closed_at]

    def check_dates(self) -> None:
        """Refuse an end that does not lie after the start."""
        if self.starts_on and self.ends_on and self.ends_on <= self.starts_on:
            raise states.DatesReversed(pointer="/body/ends_on")

    def check_draft(self) -> None:
        """Refuse to edit what members have been asked to join."""
        self._check_status(PartnershipStatus.draft, states.PartnershipNotDraft)

    def check_deletable(self) -> None:
        """Refuse to delete what was ever submitted."""
        if self.status != PartnershipStatus.draft or self.submitted_at is not None:
            raise states.PartnershipNotDeletable("Terminate it instead.")

    def check_open(self) -> None:
        """Refuse anything in a partnership that is over."""
        if self.status in states.CLOSED:
            raise states.PartnershipClosed(f"It is {self.status}.")

    def check_invitable(self, org_id: UUID) -> None:
        """Refuse a second invitation of one organization, and a third party in a pair."""
        self.check_open()
        standing = [one.invited_org_id for one in self.invited(*STANDING)]
        if org_id in standing:
            raise states.OrganizationInvitedAlready
        if not has_room(self.partnership_type, len(standing)):
            raise states.BilateralTaken("Revoke or remove the other first.")

    def submit(self, *, by: UUID, at: datetime) -> None:
        """Fix the terms and send the invitations; the invited see it from here on."""
        self.check_draft()
        missing = list(self._missing())
        if missing:
            raise states.PartnershipIncomplete(f"Missing: {'; '.join(missing)}.")
        self.status, self.status_reason = PartnershipStatus.pending_approval, ""
        self.submitted_by, self.submitted_at = by, at
        for one in self.invited(InvitationStatus.prepared):
            one.send(title=self.title, at=at)

    def return_(self, *, remarks: str) -> None:
        """Open the terms again; whoever has not answered sees nothing until they are settled."""
        self._check_status(PartnershipStatus.pending_approval, states.PartnershipNotPending)
        self.status, self.status_reason = PartnershipStatus.draft, remarks
        for one in self.invitations:
            one.call_back()

    def activate(self, *, by: UUID, at: datetime) -> None:
        """Begin the work, as someone who did not create it, when everyone has accepted."""
        self._check_status(PartnershipStatus.pending_approval, states.PartnershipNotPending)
        if by == self.created_by:
            raise states.CreatorMayNotActivate
        if self.requires_ocm_approval:
            raise states.OcmApprovalAwaited
        if self.invited(InvitationStatus.pending):
            raise states.InvitationsWaiting("Wait for the answers, or revoke what is not answered.")
        if self.shortage:
            raise states.ParticipantsMissing(self.shortage)
        for one in self.invited(InvitationStatus.expired):
            one.revoke(at=at)
        self.status = PartnershipStatus.active
        self.activated_by, self.activated_at = by, at

    def hold(self, *, reason: str) -> None:
        """Interrupt the work, with the reason."""
        self._check_status(PartnershipStatus.active, states.PartnershipNotActive)
        self.status, self.status_reason = PartnershipStatus.on_hold, reason

    def resume(self) -> None:
        """Take the work up again when enough take part."""
        self._check_status(PartnershipStatus.on_hold, states.PartnershipNotOnHold)
        if self.shortage:
            raise states.ParticipantsMissing(self.shortage)
        self.status, self.status_reason = PartnershipStatus.active, ""

    def complete(self, *, report: str, at: datetime) -> None:
        """End the work with its outcome."""
        self._check_status(PartnershipStatus.active, states.PartnershipNotActive)
        self.status, self.outcome_report = PartnershipStatus.completed, report
        self._close(at)

    def terminate(self, *, reason: str, at: datetime) -> None:
        """End it before its time, with the reason."""
        self.check_open()
        self.status, self.status_reason = PartnershipStatus.terminated, reason
        self._close(at)

    def _close(self, at: datetime) -> None:
        for one in self.invited(*UNANSWERED):
            one.revoke(at=at)
        for one in self.invitations:
            one.close(at=at)

    def _check_status(self, status: PartnershipStatus, refusal: type[Refusal]) -> None:
        if self.status != status:
            raise refusal(f"It is {self.status}.")

    def _missing(self) -> Iterable[str]:
        if not self.objectives.strip():
            yield "objectives"
        if self.starts_on is None or self.ends_on is None:
            yield "start and end"
        standing = len(self.invited(*STANDING))
        if standing == 0:
            yield "at least one invitation"
        elif not has_room(self.partnership_type, standing - 1):
            yield "a single invitation, for a pair has one other side"

    def _closed_to(self, actor: Actor) -> Iterable[str]:
        if self.submitted_at is not None:
            yield "delete"
        if actor.user_id == self.created_by or self.requires_ocm_approval:
            yield "activate"
