"""Revocations: whose tokens are refused, and from which instant on new ones are good again."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.tenancy.rows import check
from services.identity.db import Base, Versioned

MARGIN = timedelta(seconds=5)
"""How long the transaction that revokes may take to commit: what is issued meanwhile, by the old
rights, is refused too. Whoever issues a token later dates it after the margin (`issue_time`)."""

LIVES_ON = timedelta(minutes=10)
"""Longer than the life of an access token, its leeway and the margin together."""


class Revocation(Versioned, Base):
    """One taking away; found again by session, by person, by organization, or by both."""

    __tablename__ = "revocations"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    user_id: Mapped[UUID | None] = mapped_column(Uuid)
    organization_id: Mapped[UUID | None] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(Text)
    issued_before: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index(None, "session_id", postgresql_where=text("session_id IS NOT NULL")),
        Index(None, "user_id", postgresql_where=text("user_id IS NOT NULL")),
        Index(None, "organization_id", postgresql_where=text("organization_id IS NOT NULL")),
        Index(None, "expires_at"),
        check(
            "whose",
            "(session_id IS NOT NULL) <> (user_id IS NOT NULL OR organization_id IS NOT NULL)",
        ),
        check("order", "issued_before < expires_at"),
    )


def takes_effect(at: datetime, last: datetime | None = None) -> datetime:
    """Return the instant before which every token that a revocation of `at` meets is void.

    A whole second, unless that would not lie after `last`, at which a token may be dated since:
    then a little later, so that whoever comes and goes is not dated ahead of everybody's clocks.
    """
    effect = datetime.fromtimestamp(math.ceil((at + MARGIN).timestamp()), UTC)
    return effect if last is None else max(effect, last + timedelta(milliseconds=1))
