"""Four eyes on dangerous acts (SECURITY 1.5, number 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base

LIFE = timedelta(hours=72)


class ApprovalKind(StrEnum):
    """The acts that need a second person."""

    system_grant = "system_grant"
    organization_suspension = "organization_suspension"
    organization_retirement = "organization_retirement"
    people_export = "people_export"
    factor_reset = "factor_reset"


NEEDED = {
    ApprovalKind.system_grant: "identity.system_grant.create",
    ApprovalKind.organization_suspension: "identity.organization.suspend",
    ApprovalKind.organization_retirement: "identity.organization.retire",
    ApprovalKind.people_export: "identity.grant.export",
    ApprovalKind.factor_reset: "identity.membership.reset_factors",
}
"""What both persons must be allowed to do: an approval adds a second person, no right."""


class ApprovalStatus(StrEnum):
    """Where a request stands; `expired` follows from the time."""

    requested = "requested"
    approved = "approved"
    executed = "executed"
    rejected = "rejected"
    cancelled = "cancelled"


class ApprovalNotFound(NotFound):
    """No request of this organization has this id."""

    title = "There is no such request for approval."


class ApprovalNotOpen(Conflict):
    """Only what waits can be decided."""

    title = "The request is not waiting for a decision."


class ApprovalNotApproved(Conflict):
    """Only what was approved, for this very act, can be carried out, and once."""

    title = "This act has not been approved, or the approval is used up."


class ApprovalExpired(Conflict):
    """After 72 hours one asks again."""

    title = "The request is older than 72 hours; ask again."


class ApprovalNotYours(Forbidden):
    """Whoever may not do it alone may neither ask for it nor approve it."""

    title = "This act is not yours to ask for or to approve."


class SecondPersonNeeded(Forbidden):
    """Four eyes: neither who asked nor whom it is for."""

    title = "Another person must approve this: neither who asked nor who gains by it."


class Approval(TenantOwned, Base):
    """One dangerous act, who asked for it and who let it happen."""

    __tablename__ = "approvals"
    noun = "identity.approval"

    kind: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[UUID | None] = mapped_column(Uuid)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12), default=ApprovalStatus.requested.value)
    requested_by: Mapped[UUID] = mapped_column(Uuid)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rejected_reason: Mapped[str] = mapped_column(Text, default="")
    executed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        check("kind", f"kind IN ({', '.join(repr(one.value) for one in ApprovalKind)})"),
        check("status", f"status IN ({', '.join(repr(one.value) for one in ApprovalStatus)})"),
        check("four_eyes", "approved_by <> requested_by AND approved_by <> subject_id"),
        check("not_oneself", "requested_by <> subject_id"),
        check(
            "approved",
            "(status IN ('approved', 'executed')) = (approved_by IS NOT NULL)"
            " AND (approved_by IS NULL) = (approved_at IS NULL)",
        ),
        check("executed", "(status = 'executed') = (executed_at IS NOT NULL)"),
        Index(None, "org_id", "status", "expires_at"),
    )

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return what is open: approving and rejecting to others, cancelling to who asked."""
        if self.status != ApprovalStatus.requested:
            return ()
        return ("cancel",) if actor.user_id == self.requested_by else ("approve", "reject")

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Let it happen, as the second person."""
        self._check_open(at)
        if by in (self.requested_by, self.subject_id):
            raise SecondPersonNeeded
        self.status = ApprovalStatus.approved.value
        self.approved_by, self.approved_at = by, at

    def reject(self, reason: str, *, at: datetime) -> None:
        """Refuse it for good."""
        self._check_open(at)
        self.status, self.rejected_reason = ApprovalStatus.rejected.value, reason

    def cancel(self, *, by: UUID, at: datetime) -> None:
        """Take the request back."""
        self._check_open(at)
        if by != self.requested_by:
            raise ApprovalNotYours
        self.status = ApprovalStatus.cancelled.value

    def execute(self, at: datetime) -> None:
        """Use the approval up: what was approved once happens once."""
        if self.status != ApprovalStatus.approved:
            raise ApprovalNotApproved
        if self.expires_at <= at:
            raise ApprovalExpired
        self.status, self.executed_at = ApprovalStatus.executed.value, at

    def _check_open(self, at: datetime) -> None:
        if self.status != ApprovalStatus.requested:
            raise ApprovalNotOpen(f"It is {self.status}.")
        if self.expires_at <= at:
            raise ApprovalExpired
