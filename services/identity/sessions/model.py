"""Sign-in sessions and the secrets that stand for them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from libs.refusals import Forbidden, Refusal
from libs.tenancy.rows import check
from services.identity.db import Base
from services.identity.users.model import User

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
PROOF_LASTS = timedelta(minutes=10)
"""How long after proving who one is one may change what proves it."""
MOST_AT_ONCE = 5
SEEN_EVERY = timedelta(minutes=1)
PASSWORD_ONLY = "urn:bmms:pwd"  # noqa: S105 (the name of an assurance level)
MULTI_FACTOR = "urn:bmms:mfa"
"""How strongly someone proved who they are; `acr` in tokens."""


class Step(StrEnum):
    """What a person still owes before a session proves anything."""

    second_factor = "second_factor"
    new_password = "new_password"  # noqa: S105 (the name of a step)
    enrolment = "enrolment"


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
    """One browser's proof of who sits before it; while it `awaits` a step it proves nothing."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    acr: Mapped[str] = mapped_column(String(20))
    amr: Mapped[list[str]] = mapped_column(ARRAY(Text))
    awaits: Mapped[str | None] = mapped_column(String(20))
    signed_in_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    mfa_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    proved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    network: Mapped[str] = mapped_column(String(50), default="")
    device: Mapped[str] = mapped_column(String(60), default="")

    user: Mapped[User] = relationship(lazy="raise")

    __table_args__ = (
        Index(None, "user_id"),
        check("awaits", "awaits IN ('second_factor', 'new_password', 'enrolment')"),
    )

    @property
    def has_second_factor(self) -> bool:
        """Tell whether more than a password was shown."""
        return self.acr == MULTI_FACTOR

    def is_alive(self, at: datetime) -> bool:
        """Tell whether the browser is still the same person's, however far they have come."""
        return (
            self.ended_at is None
            and at - self.last_seen_at < IDLE
            and at - self.signed_in_at < ABSOLUTE
            and self.user.is_active
        )

    def is_open(self, at: datetime) -> bool:
        """Tell whether the session proves who the person is."""
        return self.awaits is None and self.is_alive(at)

    def is_fresh(self, at: datetime) -> bool:
        """Tell whether the person has proved it so lately that they may change their factors."""
        return at - self.proved_at < PROOF_LASTS

    def prove(self, at: datetime, means: Iterable[str]) -> str:
        """Note what was shown; the cookie's secret is new from here on (ASVS 7.2.4)."""
        self.amr = list(dict.fromkeys([*self.amr, *means]))
        self.proved_at = at
        if "mfa" in self.amr:
            self.acr = MULTI_FACTOR
            self.mfa_at = self.mfa_at or at
        return self.renew()

    def renew(self) -> str:
        """Give the session another secret; whoever knew the old one knows nothing now."""
        secret = new_secret()
        self.secret_digest = digest(secret)
        return secret

    def see(self, at: datetime) -> None:
        """Note that the browser was here; once a minute is enough."""
        if at - self.last_seen_at >= SEEN_EVERY:
            self.last_seen_at = at

    def end(self, at: datetime) -> None:
        """End the session; what was issued on its strength is not renewed."""
        self.ended_at = at
