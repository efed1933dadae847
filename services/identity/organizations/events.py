"""What the register announces; every event carries the organization's public state after it."""

from __future__ import annotations

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
