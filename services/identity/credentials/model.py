"""Second factors, recovery codes, passkeys, and the passwords that may not come again."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Conflict, Invalid, NotFound, Refusal
from services.identity.db import Base

RECOVERY_CODES = 10
TOTP_SECONDS = 30
TOTP_SECRET_BYTES = 20
MOST_PASSKEYS = 20
PASSWORDS_KEPT = 5
MIN_PASSWORD, MAX_PASSWORD = 15, 1024
MIN_DISTINCT = 5
FEW_WORDS, FEW_LETTERS = 3, 2
LONGEST_WORD, LONGEST_CHECKED = 40, 100
COMMON = Path(__file__).parent.parent / "data" / "common_passwords.txt"
MASKS = str.maketrans("0134578@$!+|", "oieastbasitl")
ROWS = tuple(
    row * 2
    for row in (
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "qwertyuiopasdfghjklzxcvbnm",
        "qazwsxedcrfvtgbyhnujmikolp",
        "1q2w3e4r5t6y7u8i9o0p",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    )
)
"""What fingers do by themselves; also backwards."""


class WrongCode(Refusal):
    """The code is wrong, was used before, or belongs to another time: 401."""

    status = 401
    title = "The code is not right. Wait for the next one and try again."


class PasskeyNotAccepted(Refusal):
    """The passkey's answer does not fit what was asked, or the passkey is unknown: 401."""

    status = 401
    title = "The passkey was not accepted."


class FactorNotFound(NotFound):
    """The person has no such factor."""

    title = "There is no such sign-in method."


class LastFactor(Conflict):
    """Who must use a second factor keeps one."""

    title = "Your rights need a second step: add another one before you remove this one."


class TooManyPasskeys(Conflict):
    """A person keeps so many passkeys at the most."""

    title = f"You can keep at most {MOST_PASSKEYS} passkeys."


class PasswordTooShort(Invalid):
    """A password must be long; no kinds of characters are asked of it (SECURITY ruling)."""

    title = f"A password has at least {MIN_PASSWORD} characters."


class PasswordTooLong(Invalid):
    """Longer input would only cost memory."""

    title = f"A password has at most {MAX_PASSWORD} characters."


class PasswordTooCommon(Invalid):
    """It is on the shipped list, follows a pattern, or is made of its owner's name."""

    title = "This password is easy to guess. Choose several words that do not belong together."


class PasswordUsedBefore(Invalid):
    """One of the last passwords would come again (identity sheet, section 9)."""

    title = f"Choose a password that is not one of your last {PASSWORDS_KEPT}."


class TotpFactor(Base):
    """An app on a person's phone that shows six digits; each half minute's code counts once."""

    __tablename__ = "totp_factors"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index("uq_totp_factors_user_id", "user_id", unique=True),)

    @property
    def place(self) -> str:
        """Where the sealed secret stands."""
        return f"identity.totp_factors.sealed_secret:{self.user_id}"


class RecoveryCode(Base):
    """One of ten codes on paper, for when the phone is lost; each opens once."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Passkey(Base):
    """A key pair of a person's device; only its public half is here."""

    __tablename__ = "passkeys"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    transports: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_synced: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "user_id"),)


class UsedChallenge(Base):
    """A challenge that a passkey has answered; it cannot be answered again."""

    __tablename__ = "used_challenges"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OldPassword(Base):
    """A password that a person had, as its hash, so that it does not come again."""

    __tablename__ = "old_passwords"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    kept_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "user_id", "kept_at"),)


def new_totp_secret() -> str:
    """Return 160 random bits in base32 (RFC 4226, section 4)."""
    return b32encode(secrets.token_bytes(TOTP_SECRET_BYTES)).decode()


def new_recovery_code() -> str:
    """Return 80 random bits as four groups of four letters and digits."""
    word = b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(word[at : at + 4] for at in range(0, 16, 4))


def code_digest(code: str) -> str:
    """Return what is stored of a recovery code, however it was typed."""
    typed = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(typed.encode()).hexdigest()


def secret_digest(secret: bytes) -> str:
    """Return what is stored of a challenge."""
    return hashlib.sha256(secret).hexdigest()


class Owner(Protocol):
    """Whose password it is: what of them others know, a password does not hold."""

    email: Any
    full_name: Any
    username: Any


def check_password(password: str, *, user: Owner) -> None:
    """Refuse a password that is short, that many people choose, or that names its owner."""
    if len(password) < MIN_PASSWORD:
        raise PasswordTooShort
    if len(password) > MAX_PASSWORD:
        raise PasswordTooLong
    told = set(_words(f"{user.email} {user.full_name} {user.username or ''}"))
    if is_common(password, also=frozenset(told)):
        raise PasswordTooCommon


def is_common(password: str, *, also: frozenset[str] = frozenset()) -> bool:
    """Tell whether a guesser would try it early: few words that everyone knows, or a pattern."""
    plain = password.casefold()
    letters = ["".join(c for c in form if c.isalpha()) for form in (plain, _unmasked(plain))]
    if len(set(plain)) < MIN_DISTINCT or _repeats(plain) or _is_run(plain):
        return True
    words = common_words() | also
    return any(form in words or _is_few_words(form, words) for form in letters)


@cache
def common_words() -> frozenset[str]:
    """Return the shipped list: words and phrases of common passwords, letters alone."""
    lines = COMMON.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _words(told: str) -> list[str]:
    return [word for word in re.split(r"[^a-z]+", told.casefold()) if len(word) > 3]


def _unmasked(plain: str) -> str:
    """Return the word behind `p@55w0rd2026`: digits at the ends are no letters."""
    return plain.strip("0123456789 !?.#*_-").translate(MASKS)


def _repeats(plain: str) -> bool:
    """Tell whether it is one short piece over and over."""
    return any(
        plain == (plain[:size] * (len(plain) // size + 1))[: len(plain)]
        for size in range(1, len(plain) // 2 + 1)
    )


def _is_run(plain: str) -> bool:
    """Tell whether it is made of stretches of the alphabet, the digits or the keyboard."""
    if len(plain) > LONGEST_CHECKED:
        return False
    at, covered = 0, 0
    while at < len(plain):
        size = max(
            (size for size in range(len(plain) - at, 3, -1) if _in_a_row(plain[at : at + size])),
            default=0,
        )
        covered += size
        at += size or 1
    return len(plain) - covered < MIN_DISTINCT


def _in_a_row(piece: str) -> bool:
    return any(piece in row or piece[::-1] in row for row in ROWS)


def _is_few_words(letters: str, words: frozenset[str]) -> bool:
    """Tell whether at most three known words explain all but a few letters."""
    if len(letters) > LONGEST_CHECKED:
        return False
    best: list[tuple[int, int]] = [(0, 0)]
    for end in range(1, len(letters) + 1):
        left, many = best[end - 1]
        options = [(left + 1, many)]
        for start in range(max(0, end - LONGEST_WORD), end - 2):
            if letters[start:end] in words:
                left, many = best[start]
                options.append((left, many + 1))
        best.append(min(options))
    left, many = best[-1]
    return left <= FEW_LETTERS and many <= FEW_WORDS
