"""Requests that wait for a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DateTime, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.db import Base

REQUEST_LIFE = timedelta(minutes=30)


class AuthorizationRequest(Base):
    """A client's request, kept under the digest of the secret that the browser carries on."""

    __tablename__ = "authorization_requests"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(60), ForeignKey("identity.clients.client_id"))
    parameters: Mapped[list[list[str]]] = mapped_column(JSONB)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "expires_at"),)
