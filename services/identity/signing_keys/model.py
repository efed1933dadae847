"""Signing keys and the clock that turns them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey
from sqlalchemy import DateTime, LargeBinary, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.chassis.sealing import Sealer
from services.identity.db import Base

ALGORITHM = "ES256"
LIFE = timedelta(days=90)
"""How long a key signs (SECURITY ruling "JWKS"); the next one is published all the while."""

NOTICE = timedelta(hours=24)
"""How long before its first use a key is published, at the least."""

AFTERLIFE = timedelta(hours=1)
"""How long a replaced key still verifies: longer than any token and any cache of the key set."""

KEPT = LIFE
"""How long a replaced key is kept: an old id token may come back as a hint."""


class SigningKey(Base):
    """A P-256 key pair; the private half is sealed, so a stolen database signs nothing."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(60), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_private_jwk: Mapped[bytes] = mapped_column(LargeBinary)
    signs_from: Mapped[datetime] = mapped_column(DateTime(timezone=True), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    @classmethod
    def generate(cls, signs_from: datetime, sealer: Sealer) -> SigningKey:
        """Make a new pair that signs from an instant on; its id is its RFC 7638 thumbprint."""
        key = ECKey.generate_key("P-256")
        kid = key.thumbprint()
        private = json.dumps(key.as_dict(private=True)).encode()
        public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
        return cls(
            kid=kid,
            public_jwk=public,
            sealed_private_jwk=sealer.seal(private, place=_place(kid)),
            signs_from=signs_from,
        )

    def key(self, sealer: Sealer) -> ECKey:
        """Return the pair as joserfc takes it."""
        private = sealer.unseal(self.sealed_private_jwk, place=_place(self.kid))
        return ECKey.import_key(json.loads(private))


def _place(kid: str) -> str:
    return f"signing_keys.sealed_private_jwk:{kid}"
