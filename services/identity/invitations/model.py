"""Invitations: who is asked, as what, and the secret's digest."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base
from services.identity.mails.model import BOUNCED, Mail
from services.identity.users.model import User

LIFETIME = timedelta(hours=72)
"""How long an invitation stands (identity sheet, section 10)."""

BETWEEN_LETTERS = timedelta(minutes=1)
MOST_LETTERS = 10

CODE_GROUPS, CODE_GROUP = 5, 5
_CODE = re.compile(r"[A-Z2-7]{25}")


class InvitationState(StrEnum):
    """Where an invitation stands now; only `open` and `bounced` ones can be accepted."""

    open = "open"
    bounced = "bounced"
    accepted = "accepted"
    cancelled = "cancelled"
    expired = "expired"


class InvitationNotFound(NotFound):
    """No invitation of this organization has this id, or no secret opens one."""

    title = "There is no such invitation."


class InvitationNotOpen(Conflict):
    """It was accepted, cancelled, replaced, or its time is over: all look the same from outside."""

    title = "This invitation can no longer be used; ask for a new one."


class InvitationSettled(Conflict):
    """What was accepted or cancelled is history."""

    title = "The invitation was already accepted or cancelled."


class AlreadyInvited(Conflict):
    """One person has one open invitation to an organization."""

    title = "This person has an open invitation; send that one again."


class TooManyLetters(Conflict):
    """A mailbox is not to be filled by us."""

    title = "The invitation was sent a moment ago or too often; wait, or cancel it."


class FunctionalRoleUnknown(Invalid):
    """A role that nobody shipped gives nothing."""

    title = "There is no such functional role."


class PasswordMissing(Invalid):
    """A new account needs a password."""

    title = "Choose a password for your new account."


def new_secret() -> str:
    """Return 256 random bits for a link."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return 125 random bits in five groups that a person can copy from paper."""
    code = base64.b32encode(secrets.token_bytes(16)).decode()[: CODE_GROUPS * CODE_GROUP]
    return "-".join(code[at : at + CODE_GROUP] for at in range(0, len(code), CODE_GROUP))


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret; a code is the same code however it is typed."""
    bare = re.sub(r"[\s-]", "", secret).upper()
    known = bare if _CODE.fullmatch(bare) else secret
    return hashlib.sha256(known.encode()).digest()


class Invitation(TenantOwned, Base):
    """One person's invitation; sent again it keeps its row and gets another secret."""

    __tablename__ = "invitations"
    noun = "identity.invitation"

    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    email: Mapped[str] = mapped_column(String(254))
    full_name: Mapped[str] = mapped_column(String(150))
    role: Mapped[str] = mapped_column(String(10))
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    functional_roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    position: Mapped[str] = mapped_column(String(200), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    mail_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("identity.mails.id"))
    letters: Mapped[int] = mapped_column(default=0)
    last_letter_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    user: Mapped[User] = relationship(lazy="raise")
    mail: Mapped[Mail | None] = relationship(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["identity.organizations.id"]),
        # Found by the digest alone, before anyone knows the organization.
        Index("uq_invitations_digest", "digest", unique=True),
        Index(
            "uq_invitations_standing",
            "org_id",
            "user_id",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND cancelled_at IS NULL"),
        ),
        Index(None, "org_id", "created_at"),
        check("role", "role IN ('admin', 'manager', 'staff', 'viewer')"),
        check("digest", "octet_length(digest) = 32"),
        check("settled_once", "accepted_at IS NULL OR cancelled_at IS NULL"),
    )

    @property
    def state(self) -> InvitationState:
        """Where it stands at the time of this unit of work."""
        if self.accepted_at is not None:
            return InvitationState.accepted
        if self.cancelled_at is not None:
            return InvitationState.cancelled
        session = object_session(self)
        now = session.info.get("now") if session else None
        if self.expires_at <= (now or datetime.now(UTC)):
            return InvitationState.expired
        bounced = self.mail is not None and self.mail.status in BOUNCED
        return InvitationState.bounced if bounced else InvitationState.open

    def open_actions(self, _actor: Actor) -> Iterable[str]:
        """Return what can be done before it is settled."""
        settled = self.accepted_at is not None or self.cancelled_at is not None
        return () if settled else ("resend", "cancel")

    def renew(self, secret: str, at: datetime) -> None:
        """Give it another secret and its full time; the old secret opens nothing any more."""
        self._must_stand()
        self.digest = digest_of(secret)
        self.expires_at = at + LIFETIME

    def count_letter(self, at: datetime) -> None:
        """Note one more letter; refuses to fill a mailbox."""
        recent = self.last_letter_at is not None and at - self.last_letter_at < BETWEEN_LETTERS
        if recent or self.letters >= MOST_LETTERS:
            raise TooManyLetters
        self.letters += 1
        self.last_letter_at = at

    def cancel(self, at: datetime) -> None:
        """Take it back; its secret opens nothing any more."""
        self._must_stand()
        self.cancelled_at = at

    def _must_stand(self) -> None:
        if self.accepted_at is not None or self.cancelled_at is not None:
            raise InvitationSettled
