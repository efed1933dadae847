"""Organizations and the switches of their modules."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid5

from sqlalchemy import (
    ARRAY,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, NotFound
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


class OrganizationNotFound(NotFound):
    """No organization has this id or code."""

    title = "There is no such organization."


class OrganizationCodeTaken(Conflict):
    """Two organizations would answer to one code."""

    title = "Another organization already has this code."


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
    )

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
