"""Shapes of grants."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, StrictBool

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead, Remarks, Shape
from services.identity.roles.schemas import Pattern, ShippedKey


class RoleGrantCreate(Shape):
    """Which member gets which role: a shipped one by key, or the organization's own by id."""

    membership_id: UUID
    role_key: ShippedKey | None = None
    role_id: UUID | None = None
    reason: Remarks
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
