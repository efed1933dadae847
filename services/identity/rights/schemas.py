"""Shapes of rights: a decision with its reasons, who holds what, and what runs out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from libs.chassis.shapes import ReadShape
from services.identity.grants.model import PermissionGrant, RoleGrant

Permission = Annotated[
    str,
    StringConstraints(
        max_length=150, pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"
    ),
    Field(examples=["planning.strategic_plan.approve"]),
]
"""One permission, without wildcards."""


ForWhom = Annotated[
    UUID | None, Field(description="Who is away and has delegated it; null: a right of one's own.")
]


class StepRead(ReadShape):
    """One step of an evaluation, in words."""

    step: str
    passed: bool
    finding: str


class CheckRead(ReadShape):
    """Whether a person may do something in an organization now, and why."""

    person_id: UUID
    organization_code: str
    permission: str
    allowed: bool
    why: str
    for_user_id: ForWhom
    steps: list[StepRead]


class HolderRead(ReadShape):
    """A member who may do it, and by what."""

    membership_id: UUID
    user_id: UUID
    full_name: str
    why: str
    for_user_id: ForWhom


class HoldersRead(ReadShape):
    """Who may do one thing in the organization now."""

    permission: str
    holders: list[HolderRead]


class RunningOut(ReadShape):
    """One grant that will end by itself."""

    id: UUID
    kind: str
    user_id: UUID
    what: str
    expires_at: AwareDatetime


class RunningOutRead(ReadShape):
    """What ends before a moment, the first to end first."""

    before: AwareDatetime
    grants: list[RunningOut]


def running_out(grant: RoleGrant | PermissionGrant) -> RunningOut:
    """Return how a grant that ends is told."""
    assert grant.expires_at is not None
    if isinstance(grant, RoleGrant):
        kind, what = "role", grant.role_key or str(grant.role_id)
    else:
        kind, what = ("denial" if grant.is_denial else "permission"), grant.pattern
    return RunningOut(
        id=grant.id, kind=kind, user_id=grant.user_id, what=what, expires_at=grant.expires_at
    )
