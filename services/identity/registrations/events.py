"""What happens to applications; ids and states, never a name or an address."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class RegistrationState(Event):
    """The public state of an application; not an event by itself."""

    id: UUID
    user_id: UUID | None
    status: str
    is_override: bool


class RegistrationVerified(RegistrationState):
    """Someone who reads the address applies; a focal person may endorse."""

    subject: ClassVar[str] = "identity.registration.verified.v1"


class RegistrationEndorsed(RegistrationState):
    """The first of two has agreed."""

    subject: ClassVar[str] = "identity.registration.endorsed.v1"


class RegistrationApproved(RegistrationState):
    """The applicant is a member now."""

    subject: ClassVar[str] = "identity.registration.approved.v1"


class RegistrationRejected(RegistrationState):
    """The application was refused."""

    subject: ClassVar[str] = "identity.registration.rejected.v1"
