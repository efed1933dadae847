"""Which proofs were used already."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.db import Base

ASSERTION_LIFE = timedelta(minutes=5)
ASSERTION_AHEAD = timedelta(seconds=60)
"""How far a client's clock may be ahead: more than 8 seconds and at most 60 (FAPI 2, 5.3.2)."""

LONGEST_ASSERTION = 4096


class UsedProof(Base):
    """A proof that was used: whoever sends it again is not the one who made it."""

    __tablename__ = "used_proofs"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "expires_at"),)


def digest_of(kind: str, by: str, jti: str) -> str:
    """Return the digest by which a proof is known: its id is unique for its maker alone."""
    return hashlib.sha256(f"{kind}\0{by}\0{jti}".encode()).hexdigest()
