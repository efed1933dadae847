"""What happens to accounts; an id and a status, never a name or an address."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from libs.outbox.event import Event


class UserState(Event):
    """The public state of an account; not an event by itself."""

    id: UUID
    status: str


class UserInvited(UserState):
    """Someone was asked to join; the account opens when they accept."""

    subject: ClassVar[str] = "identity.user.invited.v1"


class UserRegistered(UserState):
    """Someone applied for an account; the focal person of the organization may endorse it."""

    subject: ClassVar[str] = "identity.user.registered.v1"


class UserEndorsed(UserState):
    """The first of two approvals was given; the second may follow."""

    subject: ClassVar[str] = "identity.user.endorsed.v1"


class UserRejected(UserState):
    """A registration was refused; the person may apply again."""

    subject: ClassVar[str] = "identity.user.rejected.v1"


class UserActivated(UserState):
    """An invitation was accepted or a registration approved; the person may sign in."""

    subject: ClassVar[str] = "identity.user.activated.v1"


class UserLocked(UserState):
    """The person is kept out; open work may need another hand."""

    subject: ClassVar[str] = "identity.user.locked.v1"


class UserUnlocked(UserState):
    """The person may sign in again."""

    subject: ClassVar[str] = "identity.user.unlocked.v1"


class UserDeactivated(UserState):
    """The account was closed; what the person had in hand may be reassigned."""

    subject: ClassVar[str] = "identity.user.deactivated.v1"


class UserReactivated(UserState):
    """A closed account was opened again, without the rights that it had."""

    subject: ClassVar[str] = "identity.user.reactivated.v1"
