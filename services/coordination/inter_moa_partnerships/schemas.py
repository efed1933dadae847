"""Shapes of partnerships over HTTP: one for each view, so that a new field hides by itself."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import (
    ChangeShape,
    Money,
    Percent,
    ReadShape,
    RecordRead,
    Remarks,
    Shape,
    Text,
    Title,
)
from services.coordination.activities.model import Deed, Member, MemberStatus
from services.coordination.partnership_states.model import (
    PartnershipPriority,
    PartnershipStatus,
    Visibility,
)
from services.coordination.partnership_types.model import PartnershipType

Day = Annotated[date, Field(ge=date(2020, 1, 1), le=date(2050, 12, 31))]


class OrganizationRead(ReadShape):
    org_id: UUID
    code: Annotated[str | None, Field(description="Null until the register has told it.")]
    name: str | None


class MemberRead(ReadShape):
    organization: OrganizationRead
    role: Literal["lead", "participant"]
    status: MemberStatus
    joined_at: AwareDatetime | None
    left_at: AwareDatetime | None


class PublicMemberRead(ReadShape):
    organization: OrganizationRead
    role: Literal["lead", "participant"]


def _who_is_in(members: list[Member]) -> list[Member]:
    return [member for member in members if member.is_in]


class PartnershipCreate(Shape):
    title: Title
    partnership_type: PartnershipType
    description: Text = ""
    objectives: Text = ""
    expected_outcomes: Text = ""
    deliverables: Text = ""
    priority: PartnershipPriority = PartnershipPriority.medium
    visibility: Visibility = Visibility.members
    requires_ocm_approval: bool = False
    starts_on: Day | None = None
    ends_on: Day | None = None


class PartnershipChange(ChangeShape):
    title: Title = ""
    partnership_type: PartnershipType = PartnershipType.other
    description: Text = ""
    objectives: Text = ""
    expected_outcomes: Text = ""
    deliverables: Text = ""
    priority: PartnershipPriority = PartnershipPriority.medium
    visibility: Visibility = Visibility.members
    requires_ocm_approval: bool = False
    starts_on: Day | None = None
    ends_on: Day | None = None


class PartnershipReturn(Shape):
    remarks: Remarks


class PartnershipHold(Shape):
    reason: Remarks


class PartnershipTerminate(Shape):
    reason: Remarks


class PartnershipComplete(Shape):
    outcome_report: Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"\S")]


class SeenPartnership(ReadShape):
    id: UUID
    version: Annotated[int, Field(description="The record's ETag is this number in quotes.")]
    title: str
    partnership_type: PartnershipType
    status: PartnershipStatus
    lead: OrganizationRead
    allowed_actions: Annotated[
        list[str], Field(description="The verbs open to this caller in the present state.")
    ]


class PartnershipFull(SeenPartnership, RecordRead):
    view: Literal["full"]
    role: Literal["lead", "participant"]
    description: str
    objectives: str
    expected_outcomes: str
    deliverables: str
    priority: PartnershipPriority
    visibility: Visibility
    requires_ocm_approval: bool
    starts_on: date | None
    ends_on: date | None
    status_reason: str
    outcome_report: str
    submitted_at: AwareDatetime | None
    activated_at: AwareDatetime | None
    members: list[MemberRead]
    total_budget_amount: Money
    delivery: Annotated[
        Percent | None, Field(description="Share of the standing commitments delivered.")
    ]
    warnings: list[str]


class OwnInvitationRead(ReadShape):
    id: UUID
    message: str
    asked_commitment: str
    expires_at: AwareDatetime | None


class PartnershipSummary(SeenPartnership):
    view: Literal["summary"]
    role: Literal["participant", "invited"]
    objectives: str
    own_invitation: OwnInvitationRead


class PartnershipPublic(SeenPartnership):
    view: Literal["public"]
    role: Literal["observer"]
    members: Annotated[list[PublicMemberRead], BeforeValidator(_who_is_in)]


PartnershipRead = PartnershipFull | PartnershipSummary | PartnershipPublic


class PartnershipPage(Page[PartnershipRead]):
    pass


class PartnershipFilter(ListParams):
    status: PartnershipStatus | None = None
    partnership_type: PartnershipType | None = None
    sort: Literal["created_at", "-created_at", "title", "-title"] = "-created_at"


class ActivityRead(ReadShape):
    id: UUID
    deed: Deed
    organization: OrganizationRead
    about: OrganizationRead | None
    from_status: PartnershipStatus | None
    to_status: PartnershipStatus | None
    created_at: AwareDatetime


class ActivityPage(Page[ActivityRead]):
    pass


class ActivityFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "-created_at"
