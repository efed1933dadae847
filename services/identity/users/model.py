"""Users and their passwords."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import DateTime, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import check
from services.identity.credentials.model import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    PasswordTooLong,
    PasswordTooShort,
)
from services.identity.db import Base, Versioned

HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
"""argon2id, 46 MiB, one pass, one lane (SECURITY ruling "passwords")."""

NOBODY_S_HASH = (
    "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""What an unknown account is compared with: it costs the same and no password matches."""

_NO_ID = UUID(int=0)

ANYONE = Actor(_NO_ID, _NO_ID, "")
"""Who acts before anyone has signed in: no user, no organization, no rows of any."""


class UserStatus(StrEnum):
    """Where a person stands; only the active sign in (identity sheet, section 3)."""

    invited = "invited"
    registered = "registered"
    endorsed = "endorsed"
    rejected = "rejected"
    active = "active"
    locked = "locked"
    deactivated = "deactivated"


class Language(StrEnum):
    """In which language pages and mails speak to the person."""

    en = "en"
    fil = "fil"


class UserNotFound(NotFound):
    """No user has this id or e-mail address."""

    title = "There is no such user."


class EmailTaken(Conflict):
    """Two users would sign in with one address."""

    title = "Another user already has this e-mail address."


class UsernameTaken(Conflict):
    """Two users would sign in with one name."""

    title = "Another user already has this user name."


class UserNotInvited(Conflict):
    """Only who was invited or endorsed, or registered and waved through, becomes active so."""

    title = "The account is not waiting to be activated."


class UserNotRegistered(Conflict):
    """Only a registration that waits can be endorsed or rejected."""

    title = "The account is not waiting for a decision."


class UserNotRejected(Conflict):
    """Only who was rejected applies again."""

    title = "The account was not rejected."


class UserNotActive(Conflict):
    """Only an active account can be locked."""

    title = "The account is not active."


class UserNotLocked(Conflict):
    """Only a locked account can be unlocked."""

    title = "The account is not locked."


class UserNotInUse(Conflict):
    """Only an account in use can be deactivated."""

    title = "The account is neither active nor locked."


class UserNotDeactivated(Conflict):
    """Only a deactivated account can be reactivated."""

    title = "The account is not deactivated."


class User(Versioned, Base):
    """A person who may sign in; never deleted, so that what they did keeps its author."""

    __tablename__ = "users"
    noun: ClassVar[str] = "identity.user"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(String(254))
    username: Mapped[str | None] = mapped_column(String(150))
    full_name: Mapped[str] = mapped_column(String(150))
    phone: Mapped[str] = mapped_column(String(16), default="")
    language: Mapped[str] = mapped_column(String(3), default=Language.en.value)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    must_enrol_factor: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(20), default=UserStatus.active.value)
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lock_reason: Mapped[str] = mapped_column(Text, default="")
    last_sign_in_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deactivated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deactivated_by: Mapped[UUID | None] = mapped_column(Uuid)
    deactivated_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("uq_users_email", text("lower(email)"), unique=True),
        Index("uq_users_username", text("lower(username)"), unique=True),
        Index(None, "status"),
        check("status", f"status IN ({', '.join(repr(s.value) for s in UserStatus)})"),
        check("language", "language IN ('en', 'fil')"),
        check("phone", "phone = '' OR phone ~ '^[+][1-9][0-9]{7,14}$'"),
        check("username", "username !~ '[@[:space:]]'"),
        check(
            "deactivated",
            "(status = 'deactivated') = (deactivated_at IS NOT NULL)"
            " AND (deactivated_at IS NULL) = (deactivated_by IS NULL)"
            " AND (status <> 'deactivated' OR deactivated_reason <> '')",
        ),
        check("locked", "status = 'locked' OR (locked_until IS NULL AND lock_reason = '')"),
    )

    @property
    def may_sign_in(self) -> bool:
        """Tell whether the person may sign in: active, or locked until a time that has passed."""
        if self.status == UserStatus.locked:
            return self.locked_until is not None and self.locked_until <= datetime.now(UTC)
        return self.status == UserStatus.active

    @property
    def is_active(self) -> bool:
        """Tell whether the person may keep acting."""
        return self.may_sign_in

    def activate(self) -> None:
        """Let an invited or accepted person in; a registration may skip its endorsement."""
        self._step(UserNotInvited, {"invited", "registered", "endorsed"}, UserStatus.active)

    def endorse(self) -> None:
        """Note the first of two approvals of a registration."""
        self._step(UserNotRegistered, {"registered"}, UserStatus.endorsed)

    def reject(self) -> None:
        """Refuse a registration."""
        self._step(UserNotRegistered, {"registered", "endorsed"}, UserStatus.rejected)

    def register_again(self) -> None:
        """Let a rejected person apply once more."""
        self._step(UserNotRejected, {"rejected"}, UserStatus.registered)

    @property
    def open_steps(self) -> tuple[str, ...]:
        """What an administrator can do with the account in its present state."""
        return _STEPS.get(self.status, ())

    def lock(self, reason: str, *, until: datetime | None) -> None:
        """Keep an active person out, for good or until a time."""
        self._step(UserNotActive, {"active"}, UserStatus.locked)
        self.lock_reason, self.locked_until = reason, until

    def unlock(self) -> None:
        """Let a locked person in again."""
        self._step(UserNotLocked, {"locked"}, UserStatus.active)
        self.lock_reason, self.locked_until = "", None

    def deactivate(self, reason: str, *, by: UUID, at: datetime) -> None:
        """Close the account; what the person was granted stays as history."""
        self._step(UserNotInUse, {"active", "locked"}, UserStatus.deactivated)
        self.lock_reason, self.locked_until = "", None
        self.deactivated_at, self.deactivated_by = at, by
        self.deactivated_reason = reason

    def reactivate(self) -> None:
        """Open a closed account again; rights are granted anew."""
        self._step(UserNotDeactivated, {"deactivated"}, UserStatus.active)
        self.deactivated_at, self.deactivated_by, self.deactivated_reason = None, None, ""

    def _step(self, refusal: type[Conflict], allowed: set[str], target: UserStatus) -> None:
        if self.status not in allowed:
            raise refusal(f"It is {self.status}.")
        self.status = target.value

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


_STEPS: dict[str, tuple[str, ...]] = {
    UserStatus.active: ("lock", "deactivate"),
    UserStatus.locked: ("unlock", "deactivate"),
    UserStatus.deactivated: ("reactivate",),
}
