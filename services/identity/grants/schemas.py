"""Shapes of grants."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, RecordRead, Remarks, Shape
from services.identity.roles.schemas import Pattern, ShippedKey

MOST_AT_ONCE = 200


class RoleGrantCreate(Shape):
    """Which member gets which role: a shipped one by key, or the organization's own by id."""

    membership_id: UUID
    role_key: ShippedKey | None = None
    role_id: UUID | None = None
    reason: Remarks
    expires_at: AwareDatetime | None = None


class ManyMembers(Shape):
    """Of which members, and which role it is about: a shipped one, or the organization's own."""

    membership_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]
    role_key: ShippedKey | None = None
    role_id: UUID | None = None
    reason: Remarks


class RoleGrantsAssign(ManyMembers):
    """Which members get a role at once."""

    expires_at: AwareDatetime | None = None


class PermissionGrantCreate(Shape):
    """Which member gets, or is denied, which single right, and why."""

    membership_id: UUID
    pattern: Pattern
    is_denial: StrictBool = False
    reason: Remarks
    expires_at: AwareDatetime | None = None


class GrantRevoke(Shape):
    """Why a grant ends."""

    reason: Remarks


class GrantRead(RecordRead):
    """What both kinds of grant say."""

    membership_id: UUID
    user_id: UUID
    reason: str
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    revoked_by: UUID | None
    revoked_reason: str
    warnings: list[str]


class RoleGrantRead(GrantRead):
    """A role that a member has, or had."""

    role_key: str | None
    role_id: UUID | None


class PermissionGrantRead(GrantRead):
    """A single right that a member has, or is denied."""

    pattern: str
    is_denial: bool


class MemberOutcome(ReadShape):
    """What became of it for one member; a code and a sentence where it was refused."""

    membership_id: UUID
    is_done: bool
    code: str
    detail: str


class RoleGrantsReport(ReadShape):
    """What became of an act on many members; who was refused changed nothing for the others."""

    done: int
    refused: int
    outcomes: list[MemberOutcome]


class RoleGrantPage(Page[RoleGrantRead]):
    """One page of the roles given in an organization."""


class PermissionGrantPage(Page[PermissionGrantRead]):
    """One page of the single rights given and denied in an organization."""


class GrantListParams(ListParams):
    """Which grants, and in which order; `expires_before` lists what runs out."""

    membership_id: UUID | None = None
    in_force: bool | None = None
    expires_before: AwareDatetime | None = None
    sort: Literal["created_at", "-created_at", "expires_at"] = "-created_at"
