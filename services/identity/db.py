"""The tables of identity: one schema, and why some of them belong to no organization."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from libs.outbox.tables import outbox_tables
from libs.tenancy.rows import tenant_metadata


class Base(DeclarativeBase):
    """What every table class of this service derives from."""

    metadata = tenant_metadata("identity")


outbox_tables(Base.metadata)


class Versioned:
    """A row of no organization that counts its changes, as a tenant's rows do."""

    version: Mapped[int] = mapped_column(sort_order=90)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), sort_order=91
    )
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now(), sort_order=92
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 (SQLAlchemy calls it on the class)
        return {"version_id_col": cls.version, "eager_defaults": True}


GLOBAL_TABLES: dict[str, str] = {
    "organizations": "the register itself: its rows are the tenants, and its fields are public",
    "organization_aliases": "codes lead to organizations before one is chosen",
    "organization_corrections": "the register's history is as public as the register",
    "waves": "the platform's rollout, over all organizations",
    "wave_assignments": "which organization is in which wave is the platform's plan",
    "wave_milestones": "parts of the platform's rollout",
    "wave_blockers": "parts of the platform's rollout",
    "wave_actions": "the log of the platform's rollout",
    "users": "a person may serve several organizations; read before one is chosen",
    "incompatible_duties": "which rights do not belong in one hand is the same everywhere",
    "clients": "programs that ask for tokens serve every organization",
    "signing_keys": "one issuer for all organizations",
    "sign_in_sessions": "a browser's session is a person's; the token names the organization",
    "sign_in_attempts": "counts by account and network, before anyone is known",
    "devices": "a browser is known for a person, before an organization is chosen",
    "totp_factors": "a person proves who they are before an organization is chosen",
    "recovery_codes": "a person proves who they are before an organization is chosen",
    "passkeys": "a person proves who they are before an organization is chosen",
    "used_challenges": "what a passkey has signed once, before anyone is known",
    "old_passwords": "a person has one password in all organizations",
    "password_resets": "found by a secret's digest before an organization is known",
    "authorizations": "found by a secret's digest before an organization is known",
    "authorization_codes": "found by digest; used once and kept to recognise a second use",
    "mails": "letters to people who may belong to no organization yet; their words are sealed",
    "refresh_tokens": "found by digest; used once and kept to recognise a second use",
    "audit_waiting": "which events are to be linked next, in every trail; ids alone",
    "audit_chains": "how far each trail is linked and signed; numbers and hashes",
    "audit_keys": "one key signs the heads of every trail; its private half is sealed",
    "revocations": "name sessions, people and organizations; every service is told of each",
    "authorization_requests": "waits for a person to sign in, before anyone is known",
    "consents": "a person's word to a client, whatever organization they act for",
    "used_proofs": "digests of proofs that clients used, before an organization is known",
    "pushed_requests": "what a client asks for, before anyone has signed in",
    "device_authorizations": "what a device asks for, before anyone has signed in",
    "session_clients": "who took part in a browser's session, which is a person's",
    "logout_notices": "tells clients that a person's session has ended",
}
"""Tables without row-level security, each with its reason; all other tables are a tenant's."""
