"""An organization's own roles and what they grant and deny."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.identity.db import Base
from services.identity.permissions.model import LONGEST, Entry, Source, atoms, covered, merged
from services.identity.role_catalogue.model import functional_entries


class RoleNotFound(NotFound):
    """No role of this organization has this id."""

    title = "There is no such role in your organization."


class RoleNameTaken(Conflict):
    """Two roles would be told apart by nothing; shipped roles count too."""

    title = "A role of this name exists already."


class RoleRetired(Conflict):
    """What is retired is history."""

    title = "The role is retired and cannot be changed or given."


class RolePermissionNotFound(NotFound):
    """The role says nothing under this id."""

    title = "The role has no such permission."


class RolePermissionTaken(Conflict):
    """A role says one thing about one permission."""

    title = "The role grants or denies this already."


class Role(TenantOwned, Base):
    """A named set of rights within one organization; `level` is for display alone."""

    __tablename__ = "roles"
    noun = "identity.role"

    slug: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[int]
    parent_key: Mapped[str | None] = mapped_column(String(50))
    parent_id: Mapped[UUID | None] = mapped_column(Uuid)
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    permissions: Mapped[list[RolePermission]] = relationship(
        lazy="raise", order_by="RolePermission.id", cascade="all, delete-orphan"
    )

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        tenant_fk("parent_id", "identity.roles"),
        UniqueConstraint("org_id", "slug"),
        check("slug", "slug ~ '^[a-z][a-z0-9_]{1,49}$'"),
        check("level", "level BETWEEN 1 AND 5"),
        check("one_parent", "num_nonnulls(parent_key, parent_id) <= 1 AND parent_id <> id"),
    )

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return what can still be done: nothing once it is retired."""
        return ("change", "retire") if self.retired_at is None else ()

    def check_in_use(self) -> None:
        """Refuse when it is retired."""
        if self.retired_at is not None:
            raise RoleRetired

    def retire(self, at: datetime) -> None:
        """Take the role out of use; whoever has it holds nothing by it any more."""
        self.check_in_use()
        self.retired_at = at


class RolePermission(TenantOwned, Base):
    """One thing that a role grants or denies, for good or until a time."""

    __tablename__ = "role_permissions"
    noun = "identity.role"

    role_id: Mapped[UUID] = mapped_column(Uuid)
    pattern: Mapped[str] = mapped_column(String(LONGEST))
    is_denial: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        tenant_fk("role_id", "identity.roles", ondelete="CASCADE"),
        UniqueConstraint("org_id", "role_id", "pattern"),
        Index(None, "org_id", "expires_at"),
    )


def entries_of_role(roles: dict[UUID, Role], role_id: UUID, at: datetime) -> Iterator[Entry]:
    """Yield what a role grants and denies at a moment, with what it takes over from its parents.

    A retired role, or one below a retired one, says nothing of that one's.
    """
    seen: set[UUID] = set()
    current: Role | None = roles.get(role_id)
    while current is not None and current.id not in seen and current.retired_at is None:
        seen.add(current.id)
        name = f"The role {current.name}"
        for one in current.permissions:
            if one.expires_at is None or one.expires_at > at:
                yield Entry(one.pattern, Source.role, name, is_denial=one.is_denial)
        if current.parent_key is not None:
            yield from functional_entries(current.parent_key)
        current = roles.get(current.parent_id) if current.parent_id is not None else None


def parted(
    first: Iterable[str], second: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what only the first patterns say, what only the second, and what both do."""
    one, other = ([*dict.fromkeys(a for p in side for a in atoms(p))] for side in (first, second))
    only_one = [atom for atom in one if not covered(other, atom)]
    only_other = [atom for atom in other if not covered(one, atom)]
    both = [atom for atom in (*one, *other) if covered(one, atom) and covered(other, atom)]
    return merged(only_one), merged(only_other), merged(both)
