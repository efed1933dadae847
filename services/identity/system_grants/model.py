"""Grants beyond a membership."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base


class Grant(StrEnum):
    """What can be granted."""

    platform_administrator = "platform_administrator"
    ocm_analyst = "ocm_analyst"


class SystemGrant(TenantOwned, Base):
    """One user's system-wide right, which they exercise while acting for this organization."""

    __tablename__ = "system_grants"
    noun = "identity.system_grant"

    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    kind: Mapped[str] = mapped_column(String(40))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        Index(
            "uq_system_grants_given",
            "org_id",
            "user_id",
            "kind",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(None, "user_id"),
        check("kind", "kind IN ('platform_administrator', 'ocm_analyst')"),
    )
