"""Shapes of organizations: what everyone with a token may read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, computed_field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, Remarks, Shape
from services.identity.organizations.model import Module, OrganizationStatus, OrganizationType


class ModuleSwitch(Shape):
    """Why a module is switched; kept in the organization's history."""

    reason: Remarks


UNEASY = (
    (
        Module.budgeting,
        Module.planning,
        "Budgeting is on without planning: what it executes are programs that planning keeps.",
    ),
)
"""Modules that lean on another one (identity sheet, section 6): said, not forbidden."""


class OrganizationRead(ReadShape):
    """An organization as anyone with a token may see it."""

    id: UUID
    key: str
    code: str
    name: str
    org_type: OrganizationType
    is_moa: bool
    is_pilot: bool
    is_active: bool
    modules: list[Module]
    legacy_id: int | None
    verified: str
    is_unverified: Annotated[
        bool, Field(description="Nobody has confirmed yet that this body exists so.")
    ]
    status: OrganizationStatus
    official_name: str
    acronym: str
    parent_id: UUID | None
    details: dict[str, Any]
    onboarding_on: date | None
    go_live_on: date | None
    pilot_from: date | None
    pilot_until: date | None
    valid_from: date | None
    valid_to: date | None
    version: Annotated[int, Field(description="The record's ETag is this number in quotes.")]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def warnings(self) -> list[str]:
        """What does not go together, though nothing forbids it."""
        on = set(self.modules)
        return [words for module, needs, words in UNEASY if module in on and needs not in on]


class OrganizationFound(ReadShape):
    """Whose code it is now; a notice when others had it before."""

    id: UUID
    code: str
    name: str
    notice: str


class OrganizationPage(Page[OrganizationRead]):
    """One page of the register."""


class OrganizationListParams(ListParams):
    """Which organizations, and in which order."""

    org_type: OrganizationType | None = None
    is_moa: bool | None = None
    is_pilot: bool | None = None
    status: OrganizationStatus | None = None
    verified: Literal["yes", "no", "doubt"] | None = None
    sort: Literal["code", "-code", "name", "-name"] = "code"
