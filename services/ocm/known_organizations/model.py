"""The remembered register."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.ocm.db import Base


class KnownOrganization(TenantOwned, Base):
    """One entry of the register as last announced; the row belongs to that organization."""

    __tablename__ = "known_organizations"
    noun: ClassVar[str] = "oversight.known_organization"

    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    org_type: Mapped[str] = mapped_column(Text)
    is_moa: Mapped[bool]
    is_active: Mapped[bool]
