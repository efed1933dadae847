"""Mails that wait, and what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Invalid
from libs.tenancy.rows import check
from services.identity.db import Base, Versioned

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480, 480, 480))
"""How long a letter waits after each failure; after the last one (32 hours) it is given up."""


class MailStatus(StrEnum):
    """What became of a letter."""

    queued = "queued"
    sent = "sent"
    refused = "refused"
    given_up = "given_up"
    cancelled = "cancelled"


BOUNCED = frozenset({MailStatus.refused, MailStatus.given_up})
"""The letter did not arrive and will not."""


class AddressInvalid(Invalid):
    """Nothing can be sent to what is no e-mail address."""

    title = "This is not an e-mail address."


class Mail(Versioned, Base):
    """A letter on its way; `sealed` holds its words until it has left or failed."""

    __tablename__ = "mails"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    template: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(3))
    to_address: Mapped[str] = mapped_column(String(254))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(10), default=MailStatus.queued.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_fault: Mapped[str] = mapped_column(String(200), default="")
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index(None, "next_attempt_at", postgresql_where=text("status = 'queued'")),
        check("status", "status IN ('queued', 'sent', 'refused', 'given_up', 'cancelled')"),
        check("wiped", "(status = 'queued') = (sealed IS NOT NULL)"),
        check("settled", "(status = 'queued') = (settled_at IS NULL)"),
    )

    @property
    def place(self) -> str:
        """Where the sealed words stand; they can be unsealed for this letter alone."""
        return f"mails.sealed.{self.id}"

    def settle(self, status: MailStatus, at: datetime, *, fault: str = "") -> None:
        """Take the letter off the queue and wipe what it says."""
        self.status = status.value
        self.sealed = None
        self.settled_at = at
        self.last_fault = fault[:200]

    def put_off(self, at: datetime, *, fault: str) -> None:
        """Wait longer after each failure; give up after the last wait."""
        if self.attempts >= len(WAITS):
            self.settle(MailStatus.given_up, at, fault=fault)
            return
        self.next_attempt_at = at + WAITS[self.attempts]
        self.attempts += 1
        self.last_fault = fault[:200]
