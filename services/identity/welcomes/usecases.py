"""What an invited person can do: join."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.identity.credentials.model import check_password
from services.identity.credentials.usecases import keep_password
from services.identity.invitations.model import InvitationNotOpen
from services.identity.invitations.schemas import InvitationFound
from services.identity.invitations.usecases import accept_invitation, find_open_invitation
from services.identity.users.queries import find_user_by_email


async def find_welcome(uow: UnitOfWork, secret: str) -> InvitationFound:
    """Return what a letter's link opens; looking does not use it up."""
    found = await find_open_invitation(uow, secret)
    if found is None:
        raise InvitationNotOpen
    return found


async def join(uow: UnitOfWork, secret: str, password: str | None) -> None:
    """Join an organization by a letter's link, which opens nothing any more."""
    found = await find_welcome(uow, secret)
    if found.needs_password:
        invited = await find_user_by_email(uow.session, found.email)
        assert invited is not None
        check_password(password or "", user=invited)
    user = await accept_invitation(uow, secret, password=password if found.needs_password else None)
    if found.needs_password and user.password_hash is not None:
        await keep_password(uow, user.id, user.password_hash)
