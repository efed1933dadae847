"""The remembered PPAs of the organization."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned
from services.budgeting.db import Base

GONE = ("deleted", "cancelled")
"""The states of a PPA that no program is asked for any more."""


class KnownPpa(TenantOwned, Base):
    """A PPA as last announced by planning; its id is planning's."""

    __tablename__ = "known_ppas"
    __table_args__ = (Index(None, "org_id", "fiscal_year"),)
    noun: ClassVar[str] = "budgeting.known_ppa"

    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
