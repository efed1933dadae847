"""The remembered register: which organizations there are, and which have ended."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid
from services.budgeting.db import Base

RETIRED = "retired"


class OrganizationUnknown(Invalid):
    """What is issued for nobody would wait for ever."""

    title = "The register has no organization of this id."


class OrganizationIsRetired(Conflict):
    """Nobody acts for it any more; what it has stays as it is."""

    title = "The organization is retired: nothing more is issued for it."


NO_ISSUE_FOR = (OrganizationUnknown, OrganizationIsRetired)
"""What every step refuses that issues something for a named organization."""


class KnownOrganization(Base):
    """One entry of identity's register as last announced; public, so it belongs to nobody."""

    __tablename__ = "known_organizations"

    org_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    register_version: Mapped[int]
