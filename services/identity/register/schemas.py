"""Shapes of what administrators of the register do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool, StringConstraints, model_validator

from libs.chassis.csv_tables import csv_of
from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, ReadShape, Remarks, Shape
from services.identity.invitations.schemas import Address
from services.identity.organizations.model import (
    CODE,
    KEY,
    Module,
    Organization,
    OrganizationType,
)

Code = Annotated[str, StringConstraints(pattern=f"^{CODE.pattern}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Line = Annotated[str, Field(max_length=200)]
Website = Annotated[str, Field(max_length=200, pattern=r"^(https?://\S+)?$")]


LEAST_REASON = 20


class OrganizationDetails(Shape):
    """What the register further knows of a body; geography by its ids alone."""

    mandate: Annotated[str, Field(max_length=10_000)] = ""
    powers: Annotated[list[Line], Field(max_length=50, default_factory=list)]
    primary_region: UUID | None = None
    service_areas: Annotated[list[UUID], Field(max_length=500, default_factory=list)]
    head_official: Line = ""
    head_title: Annotated[str, Field(max_length=100)] = ""
    email: Address | Literal[""] = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    website: Website = ""
    address: Annotated[str, Field(max_length=1_000)] = ""


class OrganizationCreate(Shape):
    """A body that enters the register; its key never changes."""

    key: Annotated[str, StringConstraints(pattern=f"^{KEY.pattern}$")]
    code: Code
    name: Name
    org_type: OrganizationType
    is_moa: StrictBool
    source_note: Annotated[str, Field(max_length=2_000)] = ""
    reason: Remarks


class OrganizationChange(ChangeShape):
    """What to correct; null clears a date, the parent or the focal person."""

    code: Code = ""
    name: Name = ""
    official_name: Line = ""
    acronym: Annotated[str, Field(max_length=20)] = ""
    org_type: OrganizationType = OrganizationType.office
    is_moa: StrictBool = False
    is_pilot: StrictBool = False
    parent_id: UUID | None = None
    focal_user_id: UUID | None = None
    verified: Literal["yes", "no", "doubt"] = "no"
    source_note: Annotated[str, Field(max_length=2_000)] = ""
    onboarding_on: date | None = None
    go_live_on: date | None = None
    pilot_from: date | None = None
    pilot_until: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    details: OrganizationDetails | None = None
    reason: Remarks


class StatusReason(Shape):
    """Why the organization's state changes; kept in its history."""

    reason: Remarks


class SuspendReason(StatusReason):
    """Why it is suspended, and who agreed; in an emergency nobody is waited for."""

    approval_id: UUID | None = None
    is_emergency: Annotated[
        StrictBool, Field(description="At once and alone, for a reason of 20 characters or more.")
    ] = False

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.is_emergency and len(self.reason) < LEAST_REASON:
            raise ValueError(f"say the emergency in at least {LEAST_REASON} characters")
        return self


class RetireReason(StatusReason):
    """Why an organization ends for good, and the second person's consent to it."""

    approval_id: UUID | None = None


class CorrectionRead(ReadShape):
    """One change of an entry: what was, what became, who and why."""

    id: UUID
    changes: dict[str, Any]
    reason: str
    by: UUID
    at: AwareDatetime


class CorrectionPage(Page[CorrectionRead]):
    """A part of the history of one entry."""


class CorrectionListParams(ListParams):
    """In which order the history is told."""

    sort: Literal["at", "-at"] = "-at"


class ModuleActivationRead(ReadShape):
    """One turn of a module's switch."""

    id: UUID
    module: Module
    enabled: bool
    reason: str
    created_by: UUID
    created_at: AwareDatetime


class ModuleActivationPage(Page[ModuleActivationRead]):
    """Some of the switches of one organization."""


class ModuleActivationListParams(ListParams):
    """In which order the switches are told."""

    sort: Literal["created_at", "-created_at"] = "-created_at"


EXPORTED = (
    *("key", "code", "name", "official_name", "acronym", "org_type", "is_moa", "is_pilot"),
    *("status", "verified", "source_note", "legacy_id"),
    *("onboarding_on", "go_live_on", "valid_from", "valid_to"),
)


def as_csv(organizations: Iterable[Organization]) -> str:
    """Return the register as a file for a spreadsheet, in which no cell is a formula."""
    columns = (*EXPORTED, "is_unverified")
    return csv_of(
        columns, ([_cell(getattr(each, name)) for name in columns] for each in organizations)
    )


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
