"""Shapes of approvals."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead, Remarks, Shape
from services.identity.approvals.model import ApprovalKind, ApprovalStatus
from services.identity.system_grants.model import Grant


class ApprovalCreate(Shape):
    """What is asked for; `factor_reset` lets a person set up anew what they have lost."""

    kind: Annotated[ApprovalKind, Field(examples=["people_export"])]
    reason: Remarks
    user_id: UUID | None = None
    organization_id: UUID | None = None
    grant: Grant | None = None
    grant_expires_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {
            ApprovalKind.system_grant: {"user_id", "organization_id", "grant"},
            ApprovalKind.organization_suspension: {"organization_id"},
            ApprovalKind.organization_retirement: {"organization_id"},
            ApprovalKind.people_export: set(),
            ApprovalKind.factor_reset: {"user_id"},
        }[self.kind]
        given = {
            name
            for name in ("user_id", "organization_id", "grant", "grant_expires_at")
            if getattr(self, name) is not None
        }
        if not needed <= given or given - needed - {"grant_expires_at"}:
            raise ValueError(f"{self.kind} takes {', '.join(sorted(needed)) or 'nothing else'}")
        return self


class ApprovalReject(Shape):
    """Why it shall not happen."""

    reason: Remarks


class ApprovalRead(RecordRead):
    """A dangerous act and where it stands."""

    kind: ApprovalKind
    subject_id: UUID | None
    payload: dict[str, Any]
    reason: str
    status: ApprovalStatus
    requested_by: UUID
    expires_at: AwareDatetime
    approved_by: UUID | None
    approved_at: AwareDatetime | None
    rejected_reason: str
    executed_at: AwareDatetime | None


class ApprovalPage(Page[ApprovalRead]):
    """One page of requests."""


class ApprovalListParams(ListParams):
    """Which requests, and in which order."""

    status: ApprovalStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
