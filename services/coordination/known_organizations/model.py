"""The remembered register: code, name and whether the organization is active."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.coordination.db import Base


class KnownOrganization(Base):
    """One entry of identity's register as last announced; public, so it belongs to nobody."""

    __tablename__ = "known_organizations"

    org_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool]
    register_version: Mapped[int]


@dataclass(frozen=True, slots=True)
class OrganizationName:
    """How an organization is shown; code and name are None until the register told them."""

    org_id: UUID
    code: str | None
    name: str | None


def name_of(org_id: UUID, known: KnownOrganization | None) -> OrganizationName:
    """Return the name under which an organization is known here."""
    if known is None:
        return OrganizationName(org_id, None, None)
    return OrganizationName(org_id, known.code, known.name)


def known_by(column: Callable[[], Any]) -> Any:
    """Return the relationship of a row to the organization whose id stands in `column`."""
    return relationship(
        KnownOrganization,
        primaryjoin=lambda: KnownOrganization.org_id == column(),
        foreign_keys=lambda: [column()],
        viewonly=True,
        lazy="raise",
    )
