"""Memberships: role, flags, and the rules of changing and ending them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base
from services.identity.permissions.model import covered
from services.identity.role_catalogue.model import DELEGATES, FLAGS, ROLES, check_delegable
from services.identity.users.model import User


class MembershipRole(StrEnum):
    """What a member is in the organization; what each allows stands in `rights`."""

    admin = "admin"
    manager = "manager"
    staff = "staff"
    viewer = "viewer"


class MembershipNotFound(NotFound):
    """No membership of this organization has this id."""

    title = "There is no such member in your organization."


class AlreadyMember(Conflict):
    """One user has one membership in an organization."""

    title = "This user already belongs to the organization."


class OwnRights(Forbidden):
    """Nobody changes their own rights (identity sheet, section 4)."""

    title = "You cannot change your own rights; ask another administrator."


class AdministratorsOnly(Forbidden):
    """Whoever may manage users without being an administrator cannot make or unmake one."""

    title = "Only an administrator may give or take the administrator's role."


class MembershipEnded(Conflict):
    """What has ended is history."""

    title = "The membership has ended and cannot be changed."


class NotAUser(NotFound):
    """Who has no account yet is invited instead."""

    title = "Nobody signs in with this address; invite them instead."


class LastAdministrator(Conflict):
    """An organization keeps at least one active administrator."""

    title = (
        "The organization would be left without an administrator; appoint another one first, or"
        " lock the account until a day."
    )


class Membership(TenantOwned, Base):
    """One user's place in one organization."""

    __tablename__ = "memberships"
    noun = "identity.membership"

    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    role: Mapped[str] = mapped_column(String(10), default=MembershipRole.staff.value)
    is_primary: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    can_manage_users: Mapped[bool] = mapped_column(default=False)
    can_approve_plans: Mapped[bool] = mapped_column(default=False)
    can_approve_budgets: Mapped[bool] = mapped_column(default=False)
    can_view_reports: Mapped[bool] = mapped_column(default=True)
    position: Mapped[str] = mapped_column(String(200), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    joined_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    invited_by: Mapped[UUID | None] = mapped_column(Uuid)

    user: Mapped[User] = relationship(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        # Whoever comes back gets a new membership: nothing that was granted before revives.
        Index(
            "uq_memberships_active",
            "org_id",
            "user_id",
            unique=True,
            postgresql_where=text("is_active"),
        ),
        Index(None, "org_id", "user_id"),
        # The order in which members are listed, page by page.
        Index(None, "org_id", "created_at", "id"),
        # The two indexes that cross organizations: a person's own memberships are found by person.
        Index(None, "user_id"),
        Index(
            "uq_memberships_primary",
            "user_id",
            unique=True,
            postgresql_where=text("is_primary AND is_active"),
        ),
        check("role", "role IN ('admin', 'manager', 'staff', 'viewer')"),
        check("ended", "is_active = (ended_on IS NULL) AND ended_on >= joined_on"),
    )

    @property
    def email(self) -> str:
        """The member's address."""
        return self.user.email

    @property
    def full_name(self) -> str:
        """The member's name."""
        return self.user.full_name

    @property
    def flags(self) -> list[str]:
        """The flags that are set."""
        return [flag for flag in FLAGS if getattr(self, flag)]

    @property
    def is_active_admin(self) -> bool:
        """Tell whether this member counts towards the organization's administrators."""
        return self.is_active and self.role == MembershipRole.admin

    @property
    def patterns(self) -> list[str]:
        """What role and flags allow."""
        return patterns_of(self.role, self.flags)

    def lacks_any_of(self, held: Iterable[str]) -> bool:
        """Tell whether it allows less than it did."""
        return not all(covered(self.patterns, pattern) for pattern in held)

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return what can be done with everyone's membership and account but one's own."""
        if self.user_id == actor.user_id or not self.is_active:
            return ()
        return ("change", "end", *self.user.open_steps)

    def change(self, changes: dict[str, Any], *, by: Actor) -> None:
        """Set role, flags and position; never one's own, and never beyond the giver's rights."""
        role = changes.get("role", self.role)
        self._check_reach(by, role)
        before = self.patterns
        for name, value in changes.items():
            setattr(self, name, value)
        check_delegable(by, (pattern for pattern in self.patterns if not covered(before, pattern)))

    def end(self, *, by: Actor, on: date) -> None:
        """End the membership; whoever comes back later gets a new one."""
        self._check_reach(by, self.role)
        self.is_active, self.is_primary, self.ended_on = False, False, on

    def _check_reach(self, by: Actor, role: str) -> None:
        if self.user_id == by.user_id:
            raise OwnRights
        if not self.is_active:
            raise MembershipEnded
        if MembershipRole.admin in (role, self.role) and not by.may(DELEGATES):
            raise AdministratorsOnly


def patterns_of(role: str, flags: Iterable[str]) -> list[str]:
    """Return what a role and flags allow together."""
    return [*ROLES[role], *(pattern for flag in flags for pattern in FLAGS[flag])]


def check_appointment(by: Actor, role: str, flags: Iterable[str]) -> None:
    """Refuse to bring someone in with more than is the actor's to give."""
    if role == MembershipRole.admin and not by.may(DELEGATES):
        raise AdministratorsOnly
    check_delegable(by, patterns_of(role, flags))
