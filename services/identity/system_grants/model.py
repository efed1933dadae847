"""Grants beyond a membership."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base


class Grant(StrEnum):
    """What can be granted."""

    platform_administrator = "platform_administrator"
    ocm_administrator = "ocm_administrator"
    ocm_analyst = "ocm_analyst"
    ocm_executive = "ocm_executive"
    bpda_analyst = "bpda_analyst"
    coa_auditor = "coa_auditor"
    moa_coordinator = "moa_coordinator"
    mfbm_analyst = "mfbm_analyst"
    mfbm_approver = "mfbm_approver"


OF_OCM = (Grant.ocm_administrator, Grant.ocm_analyst, Grant.ocm_executive)
"""What only a member of the Office of the Chief Minister holds, and only there."""


class SystemGrant(TenantOwned, Base):
    """One user's system-wide right, which they exercise while acting for this organization."""

    __tablename__ = "system_grants"
    noun = "identity.system_grant"

    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    kind: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[UUID | None] = mapped_column(Uuid)

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
        check("kind", f"kind IN ({', '.join(repr(kind.value) for kind in Grant)})"),
    )
