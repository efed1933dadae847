"""What happens to requests for approval; ids and kinds, no reasons."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class ApprovalState(Event):
    """The public state of a request; not an event by itself."""

    id: UUID
    kind: str
    status: str
    requested_by: UUID
    approved_by: UUID | None


class ApprovalRequested(ApprovalState):
    """Someone asked for a dangerous act; another person may let it happen."""

    subject: ClassVar[str] = "identity.approval.requested.v1"


class ApprovalApproved(ApprovalState):
    """A second person let a dangerous act happen."""

    subject: ClassVar[str] = "identity.approval.approved.v1"


class ApprovalRejected(ApprovalState):
    """A dangerous act shall not happen."""

    subject: ClassVar[str] = "identity.approval.rejected.v1"
