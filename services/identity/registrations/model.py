"""Applications for an account (identity sheet, section 8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.identity.db import Base

WAITS = timedelta(days=30)
LEAST_REASON = 20


class RegistrationStatus(StrEnum):
    """Where an application stands."""

    unverified = "unverified"
    registered = "registered"
    endorsed = "endorsed"
    approved = "approved"
    rejected = "rejected"
    expired = "expired"


class RegistrationNotFound(NotFound):
    """No application to this organization has this id, or the link opens none."""

    title = "There is no such application."


class RegistrationDecided(Conflict):
    """Someone else was faster, or it was never there to decide."""

    title = "The application is not waiting for this step."


class NotFocal(Forbidden):
    """Only a designated focal person endorses."""

    title = "Only a focal person of the organization endorses an application."


class SameApprover(Forbidden):
    """Two different people agree: who endorsed does not approve."""

    title = "Whoever endorsed an application does not approve it."


class NotYourLevel(Forbidden):
    """Until an organization is live the platform approves; from then on its own administrators."""

    title = "This application is not yours to approve in the organization's present state."


class OverrideReasonTooShort(Invalid):
    """Skipping the endorsement is told in full."""

    title = f"Say in at least {LEAST_REASON} characters why the endorsement is skipped."


class OrganizationUnknown(Invalid):
    """Nobody can apply to what is not in the register, or takes nobody."""

    title = "There is no such organization to apply to."


class Registration(TenantOwned, Base):
    """One application, found again by the applicant with a secret link."""

    __tablename__ = "registrations"
    noun = "identity.registration"

    secret_digest: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254))
    full_name: Mapped[str] = mapped_column(String(150))
    position: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(16))
    message: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(12), default=RegistrationStatus.unverified.value)
    user_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    previous_id: Mapped[UUID | None] = mapped_column(Uuid)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    endorsed_by: Mapped[UUID | None] = mapped_column(Uuid)
    endorsed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    is_override: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        tenant_fk("previous_id", "identity.registrations"),
        Index("uq_registrations_secret", "org_id", "secret_digest", unique=True),
        Index(
            "uq_registrations_waiting",
            "org_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("status IN ('registered', 'endorsed')"),
        ),
        Index(None, "org_id", "status", "expires_at"),
        check("status", f"status IN ({', '.join(repr(s.value) for s in RegistrationStatus)})"),
        check("two_people", "status <> 'approved' OR endorsed_by <> decided_by"),
        check(
            "levels",
            "status <> 'approved' OR (user_id IS NOT NULL AND decided_by IS NOT NULL"
            " AND is_override = (endorsed_by IS NULL))",
        ),
        check("override", f"NOT is_override OR length(decision_reason) >= {LEAST_REASON}"),
        check("rejected", "status <> 'rejected' OR decision_reason <> ''"),
    )

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return what the state leaves open."""
        if self.status == RegistrationStatus.registered:
            return ("endorse", "override", "reject")
        if self.status == RegistrationStatus.endorsed:
            return ("reject",) if actor.user_id == self.endorsed_by else ("approve", "reject")
        return ()

    def verify(self, user_id: UUID, *, at: datetime) -> None:
        """Note that whoever applied reads mail at the address."""
        self._step(at, RegistrationStatus.unverified, RegistrationStatus.registered)
        self.user_id = user_id

    def endorse(self, *, by: UUID, at: datetime) -> None:
        """Agree, as the first of two."""
        self._step(at, RegistrationStatus.registered, RegistrationStatus.endorsed)
        self.endorsed_by, self.endorsed_at = by, at

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Agree, as the second of two."""
        if by == self.endorsed_by:
            raise SameApprover
        self._step(at, RegistrationStatus.endorsed, RegistrationStatus.approved)
        self.decided_by, self.decided_at = by, at

    def override(self, reason: str, *, by: UUID, at: datetime) -> None:
        """Agree alone, for a reason that is told in full and flagged."""
        if len(reason.strip()) < LEAST_REASON:
            raise OverrideReasonTooShort(pointer="/body/reason")
        self._step(at, RegistrationStatus.registered, RegistrationStatus.approved)
        self.is_override, self.decision_reason = True, reason.strip()
        self.decided_by, self.decided_at = by, at

    def reject(self, reason: str, *, by: UUID, at: datetime) -> None:
        """Refuse it, at either level; the applicant may apply again."""
        waits = (RegistrationStatus.registered, RegistrationStatus.endorsed)
        if self.status not in waits:
            raise RegistrationDecided(f"It is {self.status}.")
        self.status, self.decision_reason = RegistrationStatus.rejected.value, reason
        self.decided_by, self.decided_at = by, at

    def _step(self, at: datetime, before: RegistrationStatus, after: RegistrationStatus) -> None:
        if self.status != before or self.expires_at <= at:
            raise RegistrationDecided(f"It is {self.status}.")
        self.status = after.value
