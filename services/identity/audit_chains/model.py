"""Chains: links over events, signed heads over links, and the key that signs heads."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import (
    BigInteger,
    DateTime,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.chassis.sealing import Sealer
from libs.tenancy.rows import TenantOwned
from services.identity.audit_events.model import AuditEvent
from services.identity.db import Base

ALGORITHM = "ES256"
HEAD_TYPE = "bmms-audit-head+jwt"


class AuditLink(TenantOwned, Base):
    """The place of one event in its organization's trail, and the hash of everything up to it."""

    __tablename__ = "audit_links"
    noun = "identity.audit_link"

    seq: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID] = mapped_column(Uuid)
    hash: Mapped[str] = mapped_column(String(64))

    # No key leads to the event: when somebody deletes it, the link stays and says so.
    __table_args__ = (UniqueConstraint("org_id", "seq"), UniqueConstraint("org_id", "event_id"))


class AuditHead(TenantOwned, Base):
    """A signed statement: at this moment the trail had so many events and this hash."""

    __tablename__ = "audit_heads"
    noun = "identity.audit_head"

    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("org_id", "seq"),)


class AuditChain(Base):
    """How far a trail is linked and signed: where the worker goes on, proof of nothing."""

    __tablename__ = "audit_chains"

    trail_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    signed_seq: Mapped[int] = mapped_column(BigInteger)


class AuditKey(Base):
    """The key pair that signs heads; kept for ever, because heads are."""

    __tablename__ = "audit_keys"

    kid: Mapped[str] = mapped_column(String(60), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_private_jwk: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    @classmethod
    def generate(cls, sealer: Sealer) -> AuditKey:
        """Make a new pair; its private half is sealed at once."""
        key = ECKey.generate_key("P-256")
        kid = key.thumbprint()
        private = json.dumps(key.as_dict(private=True)).encode()
        return cls(
            kid=kid,
            public_jwk={**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM},
            sealed_private_jwk=sealer.seal(private, place=_place(kid)),
        )

    def sign(self, claims: dict[str, Any], sealer: Sealer) -> str:
        """Return a signed head."""
        private = sealer.unseal(self.sealed_private_jwk, place=_place(self.kid))
        header = {"alg": ALGORITHM, "typ": HEAD_TYPE, "kid": self.kid}
        key = ECKey.import_key(json.loads(private))
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def _place(kid: str) -> str:
    return f"audit_keys.sealed_private_jwk:{kid}"


def first_hash(org_id: UUID) -> str:
    """Return what the first link of a trail is chained to."""
    return hashlib.sha256(f"bmms-trail:{org_id}".encode()).hexdigest()


def chained(before: str, form: dict[str, Any]) -> str:
    """Return the hash of a link: of the hash before it and the canonical form of its event."""
    return hashlib.sha256(bytes.fromhex(before) + canonical(form)).hexdigest()


def canonical(form: dict[str, Any]) -> bytes:
    """Return the one spelling of a JSON value (RFC 8785; numbers are whole, by `masked`)."""
    return json.dumps(
        _sorted(form), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _sorted(value[name]) for name in names}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def form_of(seq: int, event_id: UUID, org_id: UUID, event: AuditEvent | None) -> dict[str, Any]:
    """Return an event as it is hashed and exported; of one that is gone, only that it was there."""
    place = {"seq": seq, "id": str(event_id), "org_id": str(org_id)}
    return place if event is None else {**place, **_content(event)}


def _content(event: AuditEvent) -> dict[str, Any]:
    return {
        "at": event.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": str(event.created_by),
        "actor_org_id": str(event.actor_org_id),
        "person_id": str(event.person_id) if event.person_id else None,
        "action": event.action,
        "entity": event.entity,
        "entity_id": str(event.entity_id) if event.entity_id else None,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "trace_id": event.trace_id,
        "address": event.address,
    }
