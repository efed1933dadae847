"""Every SELECT of invitations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.elements import ColumnElement

from libs.chassis.paging import Rows, page
from services.identity.invitations.model import (
    Invitation,
    InvitationNotFound,
    InvitationState,
    digest_of,
)
from services.identity.invitations.schemas import InvitationListParams
from services.identity.mails.model import BOUNCED, Mail

_STANDING = and_(Invitation.accepted_at.is_(None), Invitation.cancelled_at.is_(None))


def _in_state(state: InvitationState, now: datetime) -> ColumnElement[bool]:
    bounced = exists().where(
        Mail.id == Invitation.mail_id, Mail.status.in_([status.value for status in BOUNCED])
    )
    in_time = and_(_STANDING, Invitation.expires_at > now)
    return {
        InvitationState.accepted: Invitation.accepted_at.is_not(None),
        InvitationState.cancelled: Invitation.cancelled_at.is_not(None),
        InvitationState.expired: and_(_STANDING, Invitation.expires_at <= now),
        InvitationState.bounced: and_(in_time, bounced),
        InvitationState.open: and_(in_time, or_(Invitation.mail_id.is_(None), ~bounced)),
    }[state]


async def list_invitations(
    session: AsyncSession, params: InvitationListParams, now: datetime
) -> Rows[Invitation]:
    statement = select(Invitation).options(selectinload(Invitation.mail))
    if params.state is not None:
        statement = statement.where(_in_state(params.state, now))
    return await page(session, statement, Invitation, params)


async def get_invitation(
    session: AsyncSession, invitation_id: UUID, *, lock: bool = False
) -> Invitation:
    statement = (
        select(Invitation)
        .options(joinedload(Invitation.mail), joinedload(Invitation.user, innerjoin=True))
        .where(Invitation.id == invitation_id)
    )
    if lock:
        statement = statement.with_for_update(of=Invitation)
    invitation = await session.scalar(statement)
    if invitation is None:
        raise InvitationNotFound
    return invitation


async def find_standing_invitation(session: AsyncSession, user_id: UUID) -> Invitation | None:
    """Return the person's invitation to the acting organization that is not settled yet."""
    return await session.scalar(select(Invitation).where(Invitation.user_id == user_id, _STANDING))


async def find_invitation_by_secret(session: AsyncSession, secret: str) -> Invitation | None:
    """Return the invitation that the secret opens, of whichever organization.

    The policy `by_secret` shows exactly the row whose digest the transaction names.
    """
    digest = digest_of(secret)
    await session.execute(
        text("SELECT set_config('app.invitation', :digest, true)"), {"digest": digest.hex()}
    )
    return await session.scalar(
        select(Invitation)
        .options(joinedload(Invitation.user, innerjoin=True), selectinload(Invitation.mail))
        .where(Invitation.digest == digest)
    )


async def take_invitation(session: AsyncSession, secret: str, now: datetime) -> bool:
    """Use the secret up, in one statement; False when it was used, replaced or is too late."""
    taken = await session.scalar(
        update(Invitation)
        .where(Invitation.digest == digest_of(secret), _STANDING, Invitation.expires_at > now)
        .values(accepted_at=now, updated_at=now, version=Invitation.version + 1)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None
