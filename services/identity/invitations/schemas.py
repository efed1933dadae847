"""Shapes of invitations."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StrictBool, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead, Shape
from services.identity.invitations.model import InvitationState
from services.identity.mails.model import AddressInvalid
from services.identity.mails.schemas import address_of
from services.identity.memberships.model import MembershipRole
from services.identity.users.model import Language


def _address(value: str) -> str:
    try:
        return address_of(value)
    except AddressInvalid as fault:
        raise ValueError(str(fault)) from None


Address = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=r"\S")]
Label = Annotated[str, Field(max_length=200)]
Phone = Annotated[str, Field(pattern=r"^([+][1-9][0-9]{7,14})?$", max_length=16)]
Flag = Literal["can_manage_users", "can_approve_plans", "can_approve_budgets", "can_view_reports"]
FunctionalRole = Annotated[str, Field(max_length=60, pattern=r"^[a-z][a-z0-9_-]*$")]


class InvitationCreate(Shape):
    """Who is asked to join, and as what."""

    email: Address
    full_name: Name
    role: MembershipRole = MembershipRole.staff
    flags: Annotated[list[Flag], Field(max_length=4, default_factory=list)]
    functional_roles: Annotated[list[FunctionalRole], Field(max_length=10, default_factory=list)]
    position: Label = ""
    department: Label = ""
    phone: Phone = ""
    language: Language = Language.en
    username: Annotated[str | None, Field(max_length=150, pattern=r"^[^@\s]+$")] = None
    send_email: Annotated[
        StrictBool, Field(description="False keeps the invitation until it is sent again.")
    ] = True


class InvitationListParams(ListParams):
    """Which invitations, and in which order."""

    state: InvitationState | None = None
    sort: Literal["created_at", "-created_at", "email", "-email"] = "-created_at"


class InvitationRead(RecordRead):
    """An invitation without its secret, which only the letter knows."""

    email: str
    full_name: str
    role: MembershipRole
    flags: list[str]
    functional_roles: list[str]
    position: str
    department: str
    state: InvitationState
    expires_at: AwareDatetime
    letters: int
    last_letter_at: AwareDatetime | None
    accepted_at: AwareDatetime | None
    cancelled_at: AwareDatetime | None


class InvitationPage(Page[InvitationRead]):
    """One page of an organization's invitations."""


class InvitationFound(Shape):
    """What the page of an invitation shows to the person who holds its secret."""

    invitation_id: UUID
    org_id: UUID
    organization_code: str
    organization_name: str
    email: str
    full_name: str
    language: str
    needs_password: bool
