"""What is given to members and taken from them; ids and rights, never a name or an address."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from libs.outbox.event import Event


class RoleGrantState(Event):
    """The public state of a role given to a member; not an event by itself."""

    id: UUID
    user_id: UUID
    role_key: str | None
    role_id: UUID | None
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class RoleGranted(RoleGrantState):
    """A member got a role; their next token says so."""

    subject: ClassVar[str] = "identity.role.granted.v1"


class RoleRevoked(RoleGrantState):
    """A member lost a role; their tokens of before are refused."""

    subject: ClassVar[str] = "identity.role.revoked.v1"


class PermissionGrantState(Event):
    """The public state of one right given or denied to a member; not an event by itself."""

    id: UUID
    user_id: UUID
    pattern: str
    is_denial: bool
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class PermissionGranted(PermissionGrantState):
    """A member got one right; their next token says so."""

    subject: ClassVar[str] = "identity.permission.granted.v1"


class PermissionDenied(PermissionGrantState):
    """A member is denied one right; their tokens of before are refused."""

    subject: ClassVar[str] = "identity.permission.denied.v1"


class PermissionRevoked(PermissionGrantState):
    """A right or a denial of a member was taken back."""

    subject: ClassVar[str] = "identity.permission.revoked.v1"
