"""Organizations and the switches of their modules."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base, Versioned

REGISTER = UUID("6f0c1d0e-5a55-5b0e-9d5b-4f6a3c1e7b21")
"""The namespace in which an organization's id follows from its key, on every installation."""

CODE = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")


class Module(StrEnum):
    """What an organization can have switched on (identity sheet, section 6); all by default."""

    mana = "mana"
    planning = "planning"
    budgeting = "budgeting"
    me = "me"
    coordination = "coordination"
    policies = "policies"


class OrganizationType(StrEnum):
    """The five kinds of body in the register; `special` reads "special body"."""

    ministry = "ministry"
    office = "office"
    agency = "agency"
    special = "special"
    commission = "commission"


class OrganizationStatus(StrEnum):
    """Where an organization stands (identity sheet, section 2); the retired never come back."""

    registered = "registered"
    onboarding = "onboarding"
    live = "live"
    suspended = "suspended"
    retired = "retired"


ACTIVE = (OrganizationStatus.registered, OrganizationStatus.onboarding, OrganizationStatus.live)
"""The states in which members may act."""


class OrganizationNotFound(NotFound):
    """No organization has this id or code."""

    title = "There is no such organization."


class OrganizationCodeTaken(Conflict):
    """Two organizations would answer to one code."""

    title = "Another organization already has this code."


class OrganizationStatusWrong(Conflict):
    """The step does not begin in the state that the organization is in."""

    title = "The organization is not in a state that allows this."


class OrganizationRetired(Conflict):
    """What is retired is history: no members, no changes."""

    title = "The organization is retired."


class OrganizationProtected(Conflict):
    """The installation cannot be without its own office and its oversight office."""

    title = "This organization cannot be suspended or retired: the installation needs it."


class DatesContradict(Invalid):
    """An end before its beginning."""

    title = "A date lies before the one that it must follow."


class ParentCircle(Invalid):
    """An organization above itself."""

    title = "The organization would be above itself."


class ModuleAlreadyEnabled(Conflict):
    """Switching on what is on would write a history that says nothing."""

    title = "The module is already on for this organization."


class ModuleAlreadyDisabled(Conflict):
    """Switching off what is off would write a history that says nothing."""

    title = "The module is already off for this organization."


def organization_id(key: str) -> UUID:
    """Return the id that belongs to `key` for ever, whatever the code becomes."""
    return uuid5(REGISTER, key)


class Organization(Versioned, Base):
    """A tenant of the system, as the register knows it."""

    __tablename__ = "organizations"
    noun: ClassVar[str] = "identity.organization"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    org_type: Mapped[str] = mapped_column(String(20))
    is_moa: Mapped[bool]
    is_pilot: Mapped[bool]
    is_active: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str] = mapped_column(
        String(10), default=OrganizationStatus.registered.value, server_default="registered"
    )
    status_before: Mapped[str | None] = mapped_column(String(10))
    status_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    official_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    acronym: Mapped[str] = mapped_column(String(20), default="", server_default="")
    # Checked at commit, so that one load may bring a body and the one above it in any order.
    parent_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("identity.organizations.id", deferrable=True, initially="DEFERRED")
    )
    details: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'")
    )
    focal_user_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    onboarding_on: Mapped[date | None] = mapped_column(Date)
    go_live_on: Mapped[date | None] = mapped_column(Date)
    pilot_from: Mapped[date | None] = mapped_column(Date)
    pilot_until: Mapped[date | None] = mapped_column(Date)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    edited: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'")
    )
    modules: Mapped[list[str]] = mapped_column(ARRAY(Text))
    legacy_id: Mapped[int | None]
    verified: Mapped[str] = mapped_column(String(10))
    source_note: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("key"),
        # Checked at commit, so that one load may hand a code from one organization to another.
        UniqueConstraint("code", deferrable=True, initially="DEFERRED"),
        UniqueConstraint("legacy_id", deferrable=True, initially="DEFERRED"),
        check("code_form", "code ~ '^[A-Z][A-Z0-9-]{1,19}$'"),
        check("org_type", "org_type IN ('ministry', 'office', 'agency', 'special', 'commission')"),
        check("verified", "verified IN ('yes', 'no', 'doubt')"),
        check("status", "status IN ('registered', 'onboarding', 'live', 'suspended', 'retired')"),
        check("active", "is_active = (status IN ('registered', 'onboarding', 'live'))"),
        check("suspended", "(status = 'suspended') = (status_before IS NOT NULL)"),
        check("went_live", "go_live_on >= onboarding_on"),
        check("pilot", "pilot_until >= pilot_from"),
        check("valid", "valid_to >= valid_from"),
        check("parent", "parent_id <> id"),
    )

    @property
    def is_unverified(self) -> bool:
        """Tell whether nobody has confirmed yet that this body exists under this name."""
        return self.verified != "yes"

    def onboard(self, on: date) -> None:
        """Begin to bring its people and data in."""
        self._step(OrganizationStatus.registered, to=OrganizationStatus.onboarding)
        self.onboarding_on = self.onboarding_on or on

    def go_live(self, on: date) -> None:
        """Begin real work."""
        self._step(OrganizationStatus.onboarding, to=OrganizationStatus.live)
        self.go_live_on = on
        if self.onboarding_on is not None and on < self.onboarding_on:
            raise DatesContradict("It goes live after its onboarding has begun.")

    def suspend(self, reason: str) -> None:
        """Take it away from its members until it is resumed; its data stays."""
        before = self.status
        self._step(*ACTIVE, to=OrganizationStatus.suspended)
        self.status_before, self.status_reason = before, reason

    def resume(self) -> None:
        """Give it back to its members, as it was."""
        target = OrganizationStatus(self.status_before or OrganizationStatus.live)
        self._step(OrganizationStatus.suspended, to=target)
        self.status_before, self.status_reason = None, ""

    def retire(self, reason: str, on: date) -> None:
        """End it for good; what it did stays readable to the oversight."""
        self._step(*ACTIVE, OrganizationStatus.suspended, to=OrganizationStatus.retired)
        self.status_before, self.status_reason = None, reason
        self.valid_to = self.valid_to or max(on, self.valid_from or on)

    def _step(self, *allowed: OrganizationStatus, to: OrganizationStatus) -> None:
        if self.status == OrganizationStatus.retired:
            raise OrganizationRetired
        if self.status not in allowed:
            raise OrganizationStatusWrong(f"It is {self.status}.")
        self.status = to.value
        self.is_active = to in ACTIVE

    def enable_module(self, module: Module) -> None:
        """Switch a module on; refuses when it is on."""
        if module in self.modules:
            raise ModuleAlreadyEnabled
        self.modules = [known.value for known in Module if known in {*self.modules, module}]

    def disable_module(self, module: Module) -> None:
        """Switch a module off; refuses when it is off."""
        if module not in self.modules:
            raise ModuleAlreadyDisabled
        self.modules = [known for known in self.modules if known != module]


class ModuleActivation(TenantOwned, Base):
    """One turn of a switch: who turned which module on or off, when and why; never changed."""

    __tablename__ = "module_activations"
    noun = "identity.module_activation"

    module: Mapped[str] = mapped_column(String(20))
    enabled: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        Index(None, "org_id", "module", "created_at"),
    )


class OrganizationAlias(Base):
    """A code that an organization had or is also known by; current codes win over it."""

    __tablename__ = "organization_aliases"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("identity.organizations.id"), primary_key=True
    )
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (check("code_form", "code ~ '^[A-Z][A-Z0-9-]{1,19}$'"),)


class OrganizationCorrection(Base):
    """What was changed in the register, by whom, from what to what, and why; never changed."""

    __tablename__ = "organization_corrections"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    organization_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.organizations.id"))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "organization_id", "id"),)
