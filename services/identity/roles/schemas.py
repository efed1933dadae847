"""Shapes of roles: those that ship, and an organization's own."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, Strict, StrictBool, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, ReadShape, RecordRead, Shape, Text
from services.identity.permissions.model import PATTERN
from services.identity.role_catalogue.model import FLAGS, FUNCTIONAL, ROLES


def _pattern(value: str) -> str:
    if not PATTERN.fullmatch(value):
        raise ValueError("write service.noun.verb, with * or words with commas")
    return value


def _shipped(value: str) -> str:
    if value not in FUNCTIONAL:
        raise ValueError(f"one of {', '.join(FUNCTIONAL)}")
    return value


Pattern = Annotated[
    str,
    StringConstraints(max_length=200),
    AfterValidator(_pattern),
    Field(examples=["planning.ppa.read"]),
]
"""A permission pattern, `service.noun.verb`."""

ShippedKey = Annotated[
    str,
    StringConstraints(max_length=50),
    AfterValidator(_shipped),
    Field(examples=["planning_officer"]),
]
"""The name of a shipped functional role."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"\S")]
Level = Annotated[int, Strict(), Field(ge=1, le=5)]


class RolePermissionCreate(Shape):
    """One thing that a role shall grant, or deny."""

    pattern: Pattern
    is_denial: StrictBool = False
    expires_at: AwareDatetime | None = None


class RoleCreate(Shape):
    """A role with its first permissions; a parent hands its own down."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,49}$")]
    name: Name
    description: Text = ""
    level: Level = 2
    parent_key: ShippedKey | None = None
    parent_id: UUID | None = None
    permissions: Annotated[list[RolePermissionCreate], Field(default_factory=list, max_length=50)]


class RoleChange(ChangeShape):
    """What a role is called; its rights are changed one by one."""

    name: Name = ""
    description: Text = ""
    level: Level = 2


class RolePermissionRead(ReadShape):
    """One thing that a role grants or denies."""

    id: UUID
    pattern: str
    is_denial: bool
    expires_at: AwareDatetime | None


class RoleRead(RecordRead):
    """A role of the organization with what it says itself; its parent's rights come on top."""

    slug: str
    name: str
    description: str
    level: int
    parent_key: str | None
    parent_id: UUID | None
    retired_at: AwareDatetime | None
    permissions: list[RolePermissionRead]


class RolePage(Page[RoleRead]):
    """One page of an organization's roles."""


class RoleListParams(ListParams):
    """Which roles, and in which order."""

    in_use: bool | None = None
    sort: Literal["name", "-name", "created_at", "-created_at"] = "name"


RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,49}$")]
"""A membership's role, a shipped functional role, or the slug of the organization's own."""


class ComparedRole(ReadShape):
    """One of two roles: its name, and what it grants and denies that the other one does not."""

    role: str
    name: str
    only_grants: list[str]
    only_denials: list[str]


class RoleComparison(ReadShape):
    """Two roles side by side, each with what it takes over from its parents."""

    first: ComparedRole
    second: ComparedRole
    both_grant: list[str]
    both_deny: list[str]


class ShippedRoleRead(ReadShape):
    """A functional role that every organization has."""

    key: str
    title: str
    level: int
    parent: str | None
    grants: list[str]
    denials: list[str]


class Catalogue(ReadShape):
    """What ships: membership roles, their flags, functional roles; the same everywhere."""

    membership_roles: dict[str, list[str]]
    flags: dict[str, list[str]]
    functional_roles: list[ShippedRoleRead]


def shipped_catalogue() -> Catalogue:
    """Return what ships, as the code has it."""
    return Catalogue(
        membership_roles={name: list(patterns) for name, patterns in ROLES.items()},
        flags={name: list(patterns) for name, patterns in FLAGS.items()},
        functional_roles=[
            ShippedRoleRead(
                key=key,
                title=role.title,
                level=role.level,
                parent=role.parent,
                grants=list(role.grants),
                denials=list(role.denials),
            )
            for key, role in FUNCTIONAL.items()
        ],
    )
