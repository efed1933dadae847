"""Shapes of invitations, answers and commitments over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, Strict, StringConstraints

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import (
    ChangeShape,
    Money,
    ReadShape,
    RecordRead,
    Remarks,
    Shape,
    Text,
)
from services.coordination.commitments.model import CommitmentKind
from services.coordination.inter_moa_partnerships.schemas import Day, OrganizationRead
from services.coordination.invitations.model import VALID_DAYS, InvitationStatus

OrganizationCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{1,19}$"),
    Field(examples=["MOLE"], description="Code of an active organization of the register."),
]
ValidDays = Annotated[
    int, Strict(), Field(ge=1, le=90, description="Days until it expires, from when it is sent.")
]
FiscalYear = Annotated[int, Strict(), Field(ge=2020, le=2050)]
Quantity = Annotated[int, Strict(), Field(ge=0, le=1_000_000_000)]
Description = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]


class InvitationCreate(Shape):
    organization_code: OrganizationCode
    message: Text = ""
    asked_commitment: Text = ""
    valid_days: ValidDays = VALID_DAYS


class ParticipantRemove(Shape):
    reason: Remarks


class InvitationDecline(Shape):
    reason: Annotated[str, Field(max_length=2_000)] = ""


class ParticipantWithdraw(Shape):
    reason: Remarks


class InvitationRead(ReadShape):
    id: UUID
    partnership_id: UUID
    partnership_title: str
    lead: OrganizationRead
    invited: OrganizationRead
    status: InvitationStatus
    message: str
    asked_commitment: str
    sent_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    withdrawn_at: AwareDatetime | None
    removed_at: AwareDatetime | None
    reason: str
    allowed_actions: Annotated[
        list[str], Field(description="The verbs open to this caller in the present state.")
    ]


class InvitationPage(Page[InvitationRead]):
    pass


class InvitationFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "-created_at"


class ReceivedInvitationFilter(ListParams):
    partnership_id: UUID | None = None
    sort: Literal["sent_at", "-sent_at"] = "-sent_at"


class CommitmentCreate(Shape):
    kind: CommitmentKind
    description: Description
    quantity: Quantity | None = None
    committed_amount: Money | None = None
    fiscal_year: FiscalYear | None = None


class CommitmentChange(ChangeShape):
    kind: CommitmentKind = CommitmentKind.other
    description: Description = ""
    quantity: Quantity | None = None
    committed_amount: Money | None = None
    fiscal_year: FiscalYear | None = None
    is_delivered: bool = False
    delivered_on: Day | None = None


class CommitmentCancel(Shape):
    reason: Remarks


class CommitmentRead(RecordRead):
    partnership_id: UUID
    organization: OrganizationRead
    kind: CommitmentKind
    description: str
    quantity: int | None
    committed_amount: Money | None
    fiscal_year: int | None
    is_delivered: bool
    delivered_on: date | None
    cancelled_at: AwareDatetime | None
    cancel_reason: str


class CommitmentPage(Page[CommitmentRead]):
    pass


class CommitmentFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "-created_at"
