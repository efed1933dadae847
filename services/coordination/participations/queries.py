"""Every SELECT on invitations, answers and commitments."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from libs.chassis.paging import Rows, page
from services.coordination.commitments.model import (
    CommitmentNotFound,
    PartnershipCommitment,
)
from services.coordination.inter_moa_partnerships.model import InterMoaPartnership
from services.coordination.inter_moa_partnerships.queries import (
    get_partnership,
    get_shared_partnership,
)
from services.coordination.invitations.model import (
    InvitationNotFound,
    PartnershipInvitation,
)
from services.coordination.participations.schemas import (
    CommitmentFilter,
    InvitationFilter,
    ReceivedInvitationFilter,
)
from services.coordination.partnership_states.model import CLOSED


def _invitations() -> Select[PartnershipInvitation]:
    return (
        select(PartnershipInvitation)
        .options(
            joinedload(PartnershipInvitation.answer),
            joinedload(PartnershipInvitation.known_lead),
            joinedload(PartnershipInvitation.known_invited),
        )
        .execution_options(populate_existing=True)
    )


async def list_received_invitations(
    session: AsyncSession, org_id: UUID, params: ReceivedInvitationFilter
) -> Rows[PartnershipInvitation]:
    statement = _invitations().where(PartnershipInvitation.invited_org_id == org_id)
    if params.partnership_id is not None:
        statement = statement.where(PartnershipInvitation.partnership_id == params.partnership_id)
    return await page(session, statement, PartnershipInvitation, params)


async def list_invitations(
    session: AsyncSession, partnership_id: UUID, params: InvitationFilter
) -> Rows[PartnershipInvitation]:
    """Page the invitations of a partnership: all for its lead, one's own for anyone else."""
    partnership = await get_partnership(session, partnership_id)
    statement = _invitations().where(
        PartnershipInvitation.org_id == partnership.org_id,
        PartnershipInvitation.partnership_id == partnership.id,
    )
    return await page(session, statement, PartnershipInvitation, params)


async def find_received_invitation(
    session: AsyncSession, partnership_id: UUID, org_id: UUID
) -> PartnershipInvitation | None:
    """Return the latest invitation of `org_id` to a partnership, whatever became of it."""
    statement = (
        _invitations()
        .where(
            PartnershipInvitation.invited_org_id == org_id,
            PartnershipInvitation.partnership_id == partnership_id,
        )
        .order_by(PartnershipInvitation.id.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


def get_invitation(partnership: InterMoaPartnership, invitation_id: UUID) -> PartnershipInvitation:
    for invitation in partnership.invitations:
        if invitation.id == invitation_id:
            return invitation
    raise InvitationNotFound


async def list_commitments(
    session: AsyncSession, partnership_id: UUID, params: CommitmentFilter
) -> Rows[PartnershipCommitment]:
    partnership = await get_shared_partnership(session, partnership_id)
    statement = (
        select(PartnershipCommitment)
        .where(
            PartnershipCommitment.lead_org_id == partnership.org_id,
            PartnershipCommitment.partnership_id == partnership.id,
        )
        .options(joinedload(PartnershipCommitment.known_promiser))
        .execution_options(populate_existing=True)
    )
    rows = await page(session, statement, PartnershipCommitment, params)
    for commitment in rows.items:
        commitment.partnership_is_open = partnership.status not in CLOSED
    return rows


async def get_own_commitment(
    session: AsyncSession, partnership: InterMoaPartnership, commitment_id: UUID, org_id: UUID
) -> PartnershipCommitment:
    """Return a commitment of one's own organization; those of others are only read."""
    statement = (
        select(PartnershipCommitment)
        .where(
            PartnershipCommitment.org_id == org_id,
            PartnershipCommitment.partnership_id == partnership.id,
            PartnershipCommitment.id == commitment_id,
        )
        .options(joinedload(PartnershipCommitment.known_promiser))
        .execution_options(populate_existing=True)
    )
    commitment = (await session.scalars(statement)).one_or_none()
    if commitment is None:
        raise CommitmentNotFound
    return commitment
