"""Audit events: what is kept of an act, and what is never kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import Index, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.tenancy.rows import TenantOwned, check
from services.identity.db import Base

PLATFORM = UUID(int=0)
"""Whose trail an act without an organization belongs to: a failed sign-in, a password reset."""

MASK = "***"
SECRETS = frozenset(
    {
        *("password", "passphrase", "secret", "token", "otp", "totp", "pin", "recovery", "seed"),
        *("digest", "hash", "cookie", "csrf", "verifier", "assertion", "credential", "jwk"),
        *("private", "ciphertext"),
    }
)
SECRET_NAMES = frozenset({"user_code", "device_code", "one_time_code", "authorization_code"})


class AuditEvent(TenantOwned, Base):
    """One act: who did what to what, when, why, and what it changed."""

    __tablename__ = "audit_events"
    noun = "identity.audit_event"

    actor_org_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(80))
    entity: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[UUID | None] = mapped_column(Uuid)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str] = mapped_column(Text)
    trace_id: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(45))

    __table_args__ = (
        Index(None, "org_id", "created_at", "id"),
        Index(None, "org_id", "action", "created_at"),
        Index(None, "org_id", "created_by", "created_at"),
        Index(
            None,
            "org_id",
            "person_id",
            "created_at",
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            None,
            "org_id",
            "entity",
            "entity_id",
            "created_at",
            postgresql_where=text("entity_id IS NOT NULL"),
        ),
        check("action_form", r"action ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'"),
        check("entity_form", "entity ~ '^[a-z][a-z_]*$'"),
    )


class AuditWaiting(Base):
    """An event that is not linked into its trail yet; ids alone."""

    __tablename__ = "audit_waiting"

    event_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    trail_id: Mapped[UUID] = mapped_column(Uuid)


def is_secret(name: str) -> bool:
    """Tell whether what bears this name must never be kept."""
    lowered = name.lower()
    words = {word.rstrip("s") for word in lowered.split("_")} | set(lowered.split("_"))
    return lowered in SECRET_NAMES or not words.isdisjoint(SECRETS)


def masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as JSON that can be stored and hashed, every secret masked by its name."""
    told: dict[str, Any] = _clean(to_jsonable_python(dict(values), fallback=str))
    return told


def difference(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return what was and what is, without what stayed the same; secrets are masked at the end."""
    if before is not None and after is not None:
        same = {name for name in before if name in after and before[name] == after[name]}
        before = {name: value for name, value in before.items() if name not in same}
        after = {name: value for name, value in after.items() if name not in same}
    return (
        None if before is None else masked(before),
        None if after is None else masked(after),
    )


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            _clean(str(name)): MASK if _hides(str(name), inner) else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    if isinstance(value, float):
        return repr(value)  # one spelling of a number, whoever prints it
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    return value


def _hides(name: str, value: Any) -> bool:
    """Tell whether a value is to be masked: a flag or a count about a secret is none itself."""
    return is_secret(name) and value is not None and not isinstance(value, bool | int)
