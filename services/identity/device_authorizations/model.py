"""What devices ask for, and what a person answered."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from libs.refusals import Conflict, NotFound
from libs.tenancy.rows import check
from services.identity.authorizations.model import Authorization
from services.identity.clients.model import Client
from services.identity.db import Base

LIFE = timedelta(minutes=10)
INTERVAL_SECONDS = 5
SLOWER_SECONDS = 5
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""Consonants only: no code spells a word, and none is misread (RFC 8628, 6.1)."""

CODE_LENGTH = 8


class DeviceStatus(StrEnum):
    """What has become of the request."""

    pending = "pending"
    approved = "approved"
    denied = "denied"
    used = "used"


class DeviceRequestNotFound(NotFound):
    """Nobody asked with this code, or it is over."""

    title = "This code is not known, or it is over."


class DeviceRequestAnswered(Conflict):
    """Somebody answered before."""

    title = "This request has been answered already."


class DeviceAuthorization(Base):
    """One device's request, known to the device by a long secret and to the person by a short."""

    __tablename__ = "device_authorizations"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    device_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_digest: Mapped[str] = mapped_column(String(64), unique=True)
    client_id: Mapped[str] = mapped_column(String(60), ForeignKey("identity.clients.client_id"))
    scope: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), default=DeviceStatus.pending.value)
    authorization_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("identity.authorizations.id")
    )
    interval_seconds: Mapped[int] = mapped_column(default=INTERVAL_SECONDS)
    polled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))

    client: Mapped[Client] = relationship(lazy="raise")

    __table_args__ = (
        Index(None, "expires_at"),
        check("status", "status IN ('pending', 'approved', 'denied', 'used')"),
        check("approved", "(authorization_id IS NOT NULL) = (status IN ('approved', 'used'))"),
    )

    def poll(self, at: datetime) -> bool:
        """Note that the device asked; False when it asks too often, and must wait longer now."""
        patient = self.polled_at is None or at - self.polled_at >= timedelta(
            seconds=self.interval_seconds
        )
        self.polled_at = at
        if not patient:
            self.interval_seconds += SLOWER_SECONDS
        return patient

    def approve(self, family: Authorization) -> None:
        """Let the device act for the person who looks at the code."""
        self._answer(DeviceStatus.approved)
        self.authorization_id = family.id

    def deny(self) -> None:
        """Turn the device away."""
        self._answer(DeviceStatus.denied)

    def _answer(self, status: DeviceStatus) -> None:
        if self.status != DeviceStatus.pending:
            raise DeviceRequestAnswered
        self.status = status.value


def new_user_code() -> str:
    """Return a code that is short enough to type: 20^8, good for ten minutes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def shown(code: str) -> str:
    """Return the code as people read it."""
    return f"{code[:4]}-{code[4:]}"


def as_typed(text: str) -> str:
    """Return the code that somebody meant, however they wrote it."""
    return "".join(sign for sign in text.upper() if sign in ALPHABET)
