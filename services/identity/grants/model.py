"""Who has which role, and which single rights were given or denied to whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.identity.db import Base
from services.identity.permissions.model import LONGEST
from services.identity.roles.model import Role


class GrantNotFound(NotFound):
    """Nothing was given under this id in this organization."""

    title = "There is no such grant in your organization."


class GrantHeld(Conflict):
    """A member has a role, or a rule about one right, once."""

    title = "The member has this already."


class GrantOver(Conflict):
    """What was revoked or ran out is history."""

    title = "The grant is over."


class GrantEndsInPast(Invalid):
    """What is given must still have time to run."""

    title = "A grant must end later than now."


class OneRoleOnly(Invalid):
    """A grant names a shipped role or one of the organization's own."""

    title = "Name either a shipped role or a role of your organization."


class OwnGrant(Forbidden):
    """Nobody gives to themselves, and nobody takes off a denial of their own."""

    title = "You cannot change your own rights; ask another administrator."


class Revocable:
    """What both kinds of grant have: a term, an end, and who ended it."""

    reason: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[UUID | None] = mapped_column(Uuid)
    revoked_reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def warnings(self) -> list[str]:
        """What the giver should know; there is something only when the grant is made."""
        found: list[str] = vars(self).get("_warnings", [])
        return found

    def warn(self, warnings: list[str]) -> None:
        """Keep what the giver should know for the answer to them."""
        vars(self)["_warnings"] = warnings

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether it counts at a moment."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)

    def revoke(self, reason: str, *, by: UUID, at: datetime) -> None:
        """End it; it is kept as history."""
        if self.revoked_at is not None:
            raise GrantOver
        self.revoked_at, self.revoked_by, self.revoked_reason = at, by, reason


class RoleGrant(Revocable, TenantOwned, Base):
    """One member's role beside the membership: a shipped one by key, or an own one by id."""

    __tablename__ = "user_roles"
    noun = "identity.grant"

    membership_id: Mapped[UUID] = mapped_column(Uuid)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    role_key: Mapped[str | None] = mapped_column(String(50))
    role_id: Mapped[UUID | None] = mapped_column(Uuid)

    role: Mapped[Role | None] = relationship(lazy="raise")

    __table_args__ = (
        tenant_fk("membership_id", "identity.memberships"),
        tenant_fk("role_id", "identity.roles"),
        check("one_role", "num_nonnulls(role_key, role_id) = 1"),
        check("revoked", "(revoked_at IS NULL) = (revoked_by IS NULL)"),
        # No role of one kind is the same as no role of that kind: NULL counts as a value.
        Index(
            "uq_user_roles_given",
            "org_id",
            "membership_id",
            "role_key",
            "role_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(None, "org_id", "user_id"),
        Index(None, "org_id", "expires_at"),
    )

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return `revoke` while it has not been, for everyone but whom it is about."""
        return () if self.revoked_at is not None or self.user_id == actor.user_id else ("revoke",)


class PermissionGrant(Revocable, TenantOwned, Base):
    """One right given or denied to one member, for a reason."""

    __tablename__ = "user_permissions"
    noun = "identity.grant"

    membership_id: Mapped[UUID] = mapped_column(Uuid)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    pattern: Mapped[str] = mapped_column(String(LONGEST))
    is_denial: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        tenant_fk("membership_id", "identity.memberships"),
        check("reason", "reason ~ '[^[:space:]]'"),
        check("revoked", "(revoked_at IS NULL) = (revoked_by IS NULL)"),
        Index(
            "uq_user_permissions_given",
            "org_id",
            "membership_id",
            "pattern",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(None, "org_id", "user_id"),
        Index(None, "org_id", "expires_at"),
    )

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return `revoke` while it has not been, for everyone but whom it is about."""
        return () if self.revoked_at is not None or self.user_id == actor.user_id else ("revoke",)
