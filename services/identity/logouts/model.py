"""Who takes part in a sign-in session, and the notices of its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.identity.db import Base

WAITS = tuple(timedelta(seconds=wait) for wait in (2, 10, 30, 120, 600, 1800, 3600))
"""How long after each failed try the next one comes; after the last a notice is given up."""


class SessionClient(Base):
    """A client that was given a code on the strength of a sign-in session, noted once."""

    __tablename__ = "session_clients"

    session_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("identity.sign_in_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    client_id: Mapped[str] = mapped_column(
        String(60), ForeignKey("identity.clients.client_id"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    joined_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LogoutNotice(Base):
    """A logout token that one client has yet to be sent, or was sent."""

    __tablename__ = "logout_notices"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    client_id: Mapped[str] = mapped_column(String(60), ForeignKey("identity.clients.client_id"))
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    session_id: Mapped[UUID] = mapped_column(Uuid)
    address: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    given_up_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_fault: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (
        UniqueConstraint("session_id", "client_id"),
        Index(
            "ix_logout_notices_due",
            "next_try_at",
            postgresql_where=text("delivered_at IS NULL AND given_up_at IS NULL"),
        ),
    )

    def begin_try(self, at: datetime) -> None:
        """Count a try before it is made, so that a process that dies in it retries later."""
        self.next_try_at = at + WAITS[min(self.tries, len(WAITS) - 1)]
        self.tries += 1

    def succeed(self, at: datetime) -> None:
        """Note that the client has taken the notice."""
        self.delivered_at, self.last_fault = at, ""

    def fail(self, at: datetime, fault: str, *, for_good: bool = False) -> None:
        """Note why a try failed; after the last one nobody tries again."""
        self.last_fault = fault[:200]
        if for_good or self.tries > len(WAITS):
            self.given_up_at = at
