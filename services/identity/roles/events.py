"""What happens to an organization's own roles."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class RoleState(Event):
    """The public state of a role; not an event by itself."""

    id: UUID
    slug: str
    name: str
    level: int


class RoleCreated(RoleState):
    """An organization made a role; it can be given to members from now on."""

    subject: ClassVar[str] = "identity.role.created.v1"


class RoleChanged(RoleState):
    """A role's name or rights changed; the next tokens of those who have it say so."""

    subject: ClassVar[str] = "identity.role.changed.v1"


class RoleRetired(RoleState):
    """A role is out of use; nobody holds anything by it any more."""

    subject: ClassVar[str] = "identity.role.retired.v1"
