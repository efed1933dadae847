"""Signing keys and the clock that turns them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey
from sqlalchemy import DateTime, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.db import Base

ALGORITHM = "ES256"
LIFE = timedelta(days=90)
"""How long a key signs (SECURITY ruling "JWKS"); the next one is published all the while."""

NOTICE = timedelta(hours=24)
"""How long before its first use a key is published, at the least."""

AFTERLIFE = timedelta(hours=1)
"""How long a replaced key still verifies: longer than any token and any cache of the key set."""


class SigningKey(Base):
    """A P-256 key pair; the private half is readable by identity's own login alone."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(60), primary_key=True)
    private_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    signs_from: Mapped[datetime] = mapped_column(DateTime(timezone=True), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    @classmethod
    def generate(cls, signs_from: datetime) -> SigningKey:
        """Make a new pair that signs from an instant on; its id is its RFC 7638 thumbprint."""
        key = ECKey.generate_key("P-256", auto_kid=True)
        return cls(kid=key.kid, private_jwk=dict(key.as_dict(private=True)), signs_from=signs_from)

    @property
    def key(self) -> ECKey:
        """The pair as joserfc takes it."""
        return ECKey.import_key(self.private_jwk)

    @property
    def public_jwk(self) -> dict[str, Any]:
        """What everyone may know of it."""
        public: dict[str, Any] = dict(self.key.as_dict(private=False))
        return {**public, "kid": self.kid, "use": "sig", "alg": ALGORITHM}
