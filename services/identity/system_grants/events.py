"""What is announced of system-wide rights; ids and kinds, no reasons."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from libs.outbox.event import Event


class SystemGrantState(Event):
    """The public state of a system-wide right; not an event by itself."""

    id: UUID
    user_id: UUID
    kind: str
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class SystemGrantGiven(SystemGrantState):
    """Somebody got a right that no membership gives; their next token says it."""

    subject: ClassVar[str] = "identity.system_grant.given.v1"


class SystemGrantRevoked(SystemGrantState):
    """A system-wide right was taken back; tokens that say it are refused."""

    subject: ClassVar[str] = "identity.system_grant.revoked.v1"
