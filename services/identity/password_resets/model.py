"""Links that set a new password."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import NotFound
from services.identity.db import Base

LINK_LASTS = timedelta(hours=1)
MOST_OPEN_LINKS = 3
"""More requests within the hour send nothing: nobody can fill a stranger's letter-box."""


class LinkNotOpen(NotFound):
    """The link was used, is older than an hour, or never was one."""

    title = "This link does not work any more."


class PasswordReset(Base):
    """One link to set a new password, stored as the digest of its secret."""

    __tablename__ = "password_resets"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "user_id"),)
