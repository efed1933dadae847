"""Users and their passwords."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import DateTime, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import check
from services.identity.db import Base, Versioned

HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
"""argon2id, 46 MiB, one pass, one lane (SECURITY ruling "passwords")."""

NOBODY_S_HASH = (
    "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""What an unknown account is compared with: it costs the same and no password matches."""

MIN_PASSWORD, MAX_PASSWORD = 15, 1024

_NO_ID = UUID(int=0)

ANYONE = Actor(_NO_ID, _NO_ID, "")
"""Who acts before anyone has signed in: no user, no organization, no rows of any."""


class UserStatus(StrEnum):
    """Whether the person may sign in."""

    active = "active"
    deactivated = "deactivated"


class UserNotFound(NotFound):
    """No user has this id or e-mail address."""

    title = "There is no such user."


class EmailTaken(Conflict):
    """Two users would sign in with one address."""

    title = "Another user already has this e-mail address."


class PasswordTooShort(Invalid):
    """A password must be long; nothing else is asked of it (SECURITY ruling "passwords")."""

    title = f"A password has at least {MIN_PASSWORD} characters."


class PasswordTooLong(Invalid):
    """Longer input would only cost memory."""

    title = f"A password has at most {MAX_PASSWORD} characters."


class User(Versioned, Base):
    """A person who may sign in."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(String(254))
    full_name: Mapped[str] = mapped_column(String(150))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(20), default=UserStatus.active.value)

    __table_args__ = (
        Index("uq_users_email", text("lower(email)"), unique=True),
        check("status", "status IN ('active', 'deactivated')"),
    )

    @property
    def is_active(self) -> bool:
        """Tell whether the person may sign in and keep acting."""
        return self.status == UserStatus.active

    def as_person(self) -> Actor:
        """Return the actor of someone known who has not chosen an organization: sees only own."""
        return Actor(self.id, _NO_ID, "")


def hash_password(password: str) -> str:
    """Return the hash to store; refuses a password that is too short. Slow on purpose."""
    if len(password) < MIN_PASSWORD:
        raise PasswordTooShort
    if len(password) > MAX_PASSWORD:
        raise PasswordTooLong
    return HASHER.hash(password)


def is_password(password: str, password_hash: str) -> bool:
    """Tell whether the password has this hash. Slow on purpose."""
    fits = len(password) <= MAX_PASSWORD
    try:
        return HASHER.verify(password_hash, password if fits else "") and fits
    except VerificationError:
        return False
