"""Shapes of registrations."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, RecordRead, Remarks, Shape
from services.identity.mails.schemas import ADDRESS
from services.identity.memberships.model import MembershipRole
from services.identity.registrations.model import RegistrationStatus
from services.identity.users.model import Language

Line = Annotated[
    str, StringConstraints(min_length=1, max_length=150, pattern=r"^[^\r\n\x00]*\S[^\r\n\x00]*$")
]


class RegistrationCreate(Shape):
    """Who applies, where, and as what; there is no role to choose here."""

    email: Annotated[str, StringConstraints(max_length=254, pattern=f"^{ADDRESS.pattern}$")]
    full_name: Line
    organization: Annotated[str, StringConstraints(pattern="^[A-Z][A-Z0-9-]{1,19}$")]
    position: Line
    phone: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{7,14}$")]
    message: Annotated[str, StringConstraints(max_length=2000)] = ""
    language: Language = Language.en


class Secret(Shape):
    """What the applicant's letter holds."""

    secret: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}\.[A-Za-z0-9_-]{20,100}$")]


class Sent(ReadShape):
    """The one answer to every application: look into the letter-box."""

    status: Literal["sent"] = "sent"


class ApplicantRead(ReadShape):
    """What an applicant may see of the own application."""

    organization: str
    status: RegistrationStatus
    expires_at: AwareDatetime
    decision_reason: str


class RegistrationRead(RecordRead):
    """An application as those see it who decide."""

    email: str
    full_name: str
    position: str
    phone: str
    message: str
    status: RegistrationStatus
    user_id: UUID | None
    previous_id: UUID | None
    expires_at: AwareDatetime
    endorsed_by: UUID | None
    endorsed_at: AwareDatetime | None
    decided_by: UUID | None
    decided_at: AwareDatetime | None
    decision_reason: str
    is_override: bool


class RegistrationPage(Page[RegistrationRead]):
    """One page of applications."""


class RegistrationListParams(ListParams):
    """Which applications, and in which order."""

    status: RegistrationStatus | None = None
    sort: Literal["created_at", "-created_at"] = "created_at"


class RegistrationApprove(Shape):
    """As what the applicant joins."""

    role: MembershipRole = MembershipRole.staff


class RegistrationOverride(Shape):
    """As what the applicant joins, and why nobody endorsed."""

    role: MembershipRole = MembershipRole.staff
    reason: Annotated[
        Remarks, Field(min_length=20, examples=["The focal person is on leave until May."])
    ]


class ApplicantOverride(Shape):
    """Why nobody endorsed."""

    reason: Annotated[
        Remarks, Field(min_length=20, examples=["There is no focal person yet in this office."])
    ]


class RegistrationReject(Shape):
    """Why not; the applicant reads it."""

    reason: Remarks
