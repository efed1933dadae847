"""Shapes of memberships."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, RecordRead, Remarks, Shape
from services.identity.memberships.model import MembershipRole

Label = Annotated[str, Field(max_length=200)]


class MembershipListParams(ListParams):
    """Which members, and in which order."""

    role: MembershipRole | None = None
    is_active: bool | None = None
    sort: Literal["created_at", "-created_at"] = "created_at"


class MembershipChange(Shape):
    """What to change; what is not sent stays as it is, whatever the default here."""

    role: MembershipRole = MembershipRole.staff
    can_manage_users: StrictBool = False
    can_approve_plans: StrictBool = False
    can_approve_budgets: StrictBool = False
    can_view_reports: StrictBool = True
    position: Label = ""
    department: Label = ""


class MembershipCreate(Shape):
    """Who joins, by the address of an account that exists, and as what."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"@")]
    role: MembershipRole = MembershipRole.staff
    can_manage_users: StrictBool = False
    can_approve_plans: StrictBool = False
    can_approve_budgets: StrictBool = False
    can_view_reports: StrictBool = True
    position: Label = ""
    department: Label = ""


class MembershipEnd(Shape):
    """Why a membership ends."""

    reason: Remarks


class MembershipRead(RecordRead):
    """A member of the organization."""

    user_id: UUID
    email: str
    full_name: str
    role: MembershipRole
    is_primary: bool
    is_active: bool
    can_manage_users: bool
    can_approve_plans: bool
    can_approve_budgets: bool
    can_view_reports: bool
    position: str
    department: str
    joined_on: date
    ended_on: date | None
    invited_by: UUID | None


class MembershipPage(Page[MembershipRead]):
    """One page of an organization's members."""


class UserRead(ReadShape):
    """The signed-in person."""

    id: UUID
    email: str
    full_name: str


class OrganizationBrief(ReadShape):
    """An organization by name."""

    id: UUID
    code: str
    name: str


class OwnMembership(ReadShape):
    """One of the signed-in person's memberships."""

    id: UUID
    organization: OrganizationBrief
    role: MembershipRole
    flags: list[str]
    is_primary: bool
    is_active: bool


class MeRead(ReadShape):
    """Who the token speaks for, for which organization, and what they may do there."""

    user: UserRead
    memberships: list[OwnMembership]
    organization: OrganizationBrief
    roles: list[str]
    permissions: list[str]
    modules: list[str]
