"""What happens to memberships; ids, role and flags, never a name or an address."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class MembershipState(Event):
    """The public state of a membership; not an event by itself."""

    id: UUID
    user_id: UUID
    role: str
    is_primary: bool
    is_active: bool
    can_manage_users: bool
    can_approve_plans: bool
    can_approve_budgets: bool
    can_view_reports: bool


class MembershipAdded(MembershipState):
    """A user joined an organization; they may act for it from their next sign-in."""

    subject: ClassVar[str] = "identity.membership.added.v1"


class MembershipChanged(MembershipState):
    """A member's role or flags changed; their next token says so."""

    subject: ClassVar[str] = "identity.membership.changed.v1"


class MembershipEnded(MembershipState):
    """A user left an organization; open work may need another hand."""

    subject: ClassVar[str] = "identity.membership.ended.v1"
