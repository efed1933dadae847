"""Who decides for whom, in which matters, from when until when (budgeting sheet, 11 and 18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.identity.db import Base

LONGEST = timedelta(days=92)

DECISIONS = tuple(
    f"budgeting.{noun}.{verb}"
    for noun, verbs in (
        ("allocation", "approve"),
        ("allotment", "approve release"),
        ("allotment_transfer", "approve"),
        ("appropriation", "enact"),
        ("cash_allocation", "approve"),
        ("disbursement", "approve certify"),
        ("endorsement_answer", "approve"),
        ("obligation", "certify"),
        ("proposal", "approve endorse reject return review"),
        ("realignment", "approve reject"),
        ("realignment_decision", "approve"),
        ("release", "approve"),
        ("review", "approve reject return"),
        ("saving", "approve reject"),
        ("scenario", "approve return"),
        ("year_end", "approve reject"),
    )
    for verb in verbs.split()
)
"""What can be delegated: the decisions about money, each kept there with for whom it was made.

A signature under a report is none: it carries the name of whoever signs.
"""

DECISIONS_SQL = ", ".join(f"'{each}'" for each in DECISIONS)
"""The same as the CHECK lists it."""


class DelegationNotFound(NotFound):
    """Nothing was delegated under this id in this organization."""

    title = "There is no such delegation in your organization."


class DelegationOver(Conflict):
    """What was revoked or ran out is history."""

    title = "The delegation is over."


class DelegationToOneself(Invalid):
    """Someone else decides while one is away."""

    title = "Name another member than yourself."


class DelegationSpanImpossible(Invalid):
    """A delegation ends later than it starts, later than now, and soon enough."""

    title = "A delegation runs from its start to a later end, for at most 92 days."


class NotYoursToDelegate(Forbidden):
    """Nobody delegates what they may not do, or do for somebody else."""

    title = "You can delegate only what you may decide yourself, and not for somebody else."


class NotYourDelegation(Forbidden):
    """A delegation is taken back by who gave it."""

    title = "Only who gave a delegation takes it back."


class Delegation(TenantOwned, Base):
    """What one member decides for another for a while; who gave it is the row's author."""

    __tablename__ = "delegations"
    noun = "identity.delegation"

    membership_id: Mapped[UUID] = mapped_column(Uuid)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    delegator_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        tenant_fk("membership_id", "identity.memberships"),
        check("another", "user_id <> delegator_id AND delegator_id = created_by"),
        check(
            "permissions",
            f"cardinality(permissions) BETWEEN 1 AND {len(DECISIONS)}"
            f" AND permissions <@ ARRAY[{DECISIONS_SQL}]",
        ),
        check("span", "ends_at > starts_at"),
        check("reason", "reason ~ '[^[:space:]]'"),
        Index(None, "org_id", "membership_id", "ends_at"),
        Index(None, "org_id", "delegator_id"),
    )

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return `revoke` for who gave it, until it was."""
        mine = actor.user_id == self.delegator_id
        return ("revoke",) if mine and self.revoked_at is None else ()

    def check_span(self, now: datetime) -> None:
        """Refuse a span that is empty, over, or longer than anybody is away."""
        if self.ends_at <= max(now, self.starts_at):
            raise DelegationSpanImpossible("Choose a later end.", pointer="/body/ends_at")
        if self.ends_at - self.starts_at > LONGEST:
            raise DelegationSpanImpossible(
                f"End it by {(self.starts_at + LONGEST).date()}.", pointer="/body/ends_at"
            )

    def revoke(self, *, by: UUID, at: datetime) -> None:
        """End it before its time; it is kept as history."""
        if by != self.delegator_id:
            raise NotYourDelegation
        if self.revoked_at is not None or self.ends_at <= at:
            raise DelegationOver
        self.revoked_at = at
