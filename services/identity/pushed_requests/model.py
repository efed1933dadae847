"""Requests that clients hand in over their own connection."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DateTime, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.db import Base

LIFE = timedelta(seconds=60)
PREFIX = "urn:ietf:params:oauth:request_uri:"


class PushedRequest(Base):
    """One authorization request, known by the digest of its address; for its client alone."""

    __tablename__ = "pushed_requests"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(60), ForeignKey("identity.clients.client_id"))
    parameters: Mapped[list[list[str]]] = mapped_column(JSONB)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "expires_at"), Index(None, "client_id"))
