"""Sign-in sessions and the secrets that stand for them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from libs.refusals import Forbidden, Refusal
from services.identity.db import Base
from services.identity.users.model import User

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
SEEN_EVERY = timedelta(minutes=1)
PASSWORD_ONLY = "aal1"  # noqa: S105 (the name of an assurance level)
"""The assurance level of NIST SP 800-63B that a password alone gives; `acr` in tokens."""


class WrongCredentials(Refusal):
    """Address or password is wrong, or the account is closed; nobody learns which: 401."""

    status = 401
    title = "The e-mail address or the password is not right."


class NoOrganization(Forbidden):
    """The person belongs to no organization that is open."""

    title = "Your account does not belong to any organization yet."


class NotThisOrganization(Forbidden):
    """The installation serves one organization, and the person is not a member of it."""

    title = "This system serves one organization, and your account does not belong to it."


def new_secret() -> str:
    """Return 256 random bits for a cookie, a code or a refresh token."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is stored of such a secret: it has too many bits to be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


class SignInSession(Base):
    """One browser's proof of who sits before it."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    acr: Mapped[str] = mapped_column(String(20))
    amr: Mapped[list[str]] = mapped_column(ARRAY(Text))
    signed_in_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    user: Mapped[User] = relationship(lazy="raise")

    __table_args__ = (Index(None, "user_id"),)

    def is_open(self, at: datetime) -> bool:
        """Tell whether the session still proves anything."""
        return (
            self.ended_at is None
            and at - self.last_seen_at < IDLE
            and at - self.signed_in_at < ABSOLUTE
            and self.user.is_active
        )

    def see(self, at: datetime) -> None:
        """Note that the browser was here; once a minute is enough."""
        if at - self.last_seen_at >= SEEN_EVERY:
            self.last_seen_at = at

    def end(self, at: datetime) -> None:
        """End the session; what was issued on its strength is not renewed."""
        self.ended_at = at
