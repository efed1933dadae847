"""What the register announces; every event carries the organization's public state after it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class OrganizationState(Event):
    """The public state of an organization; not an event by itself."""

    id: UUID
    key: str
    code: str
    name: str
    org_type: str
    is_moa: bool
    is_pilot: bool
    is_active: bool
    status: str
    acronym: str
    parent_id: UUID | None
    modules: list[str]
    legacy_id: int | None


class OrganizationRegistered(OrganizationState):
    """An organization entered the register; every service may now keep records for it."""

    subject: ClassVar[str] = "identity.organization.registered.v1"


class OrganizationChanged(OrganizationState):
    """The register's entry changed; copies of code, name and type follow it."""

    subject: ClassVar[str] = "identity.organization.changed.v1"


class OrganizationModuleChanged(OrganizationState):
    """A module was switched on or off; its use begins or ends with the next token."""

    subject: ClassVar[str] = "identity.organization.module_changed.v1"

    module: str
    enabled: bool


class OrganizationRenamed(OrganizationState):
    """Code or name changed; the old code leads to the new one while nobody else has it."""

    subject: ClassVar[str] = "identity.organization.renamed.v1"

    old_code: str
    old_name: str


class OrganizationOnboarded(OrganizationState):
    """Onboarding began: its administrators invite its people and bring in its data."""

    subject: ClassVar[str] = "identity.organization.onboarded.v1"


class OrganizationWentLive(OrganizationState):
    """Real work began; from here on it counts in the reports."""

    subject: ClassVar[str] = "identity.organization.went_live.v1"

    go_live_on: date
    wave: int | None


class OrganizationSuspended(OrganizationState):
    """Its members lost it at once; its data stays, and only its oversight reads it."""

    subject: ClassVar[str] = "identity.organization.suspended.v1"

    is_emergency: bool


class OrganizationResumed(OrganizationState):
    """Its members have it back, as it was before the suspension."""

    subject: ClassVar[str] = "identity.organization.resumed.v1"


class OrganizationRetired(OrganizationState):
    """It ended for good; nobody acts for it any more, and what it did stays."""

    subject: ClassVar[str] = "identity.organization.retired.v1"
