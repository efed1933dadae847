"""Every SELECT on partnerships and their timeline; row-level security says which rows there are."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from libs.chassis.paging import Rows, page
from services.coordination.activities.model import PartnershipActivity
from services.coordination.inter_moa_partnerships.model import InterMoaPartnership
from services.coordination.inter_moa_partnerships.schemas import ActivityFilter, PartnershipFilter
from services.coordination.invitations.model import PartnershipInvitation
from services.coordination.partnership_states.model import (
    NotTakingPart,
    NotTheLead,
    PartnershipNotFound,
    View,
)


def _whole() -> Select[InterMoaPartnership]:
    """Load a partnership with its parts: three statements however many partnerships."""
    return select(InterMoaPartnership).options(
        joinedload(InterMoaPartnership.known_lead),
        joinedload(InterMoaPartnership.commitments),
        selectinload(InterMoaPartnership.membership).joinedload(PartnershipActivity.known_about),
        selectinload(InterMoaPartnership.invitations).options(
            joinedload(PartnershipInvitation.answer),
            joinedload(PartnershipInvitation.known_lead),
            joinedload(PartnershipInvitation.known_invited),
        ),
    )


async def get_partnership(
    session: AsyncSession, partnership_id: UUID, *, lock: bool = False
) -> InterMoaPartnership:
    """Return a partnership as it is now, for anyone who may know of it.

    `lock` keeps out every other change of it, by whichever organization: the rows of one
    partnership belong to several, and nobody can lock another's row.
    """
    if lock:
        await session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(str(partnership_id), 0)))
        )
    statement = _whole().where(InterMoaPartnership.id == partnership_id)
    found = await session.scalars(statement, execution_options={"populate_existing": True})
    partnership = found.unique().one_or_none()
    if partnership is None:
        raise PartnershipNotFound
    return partnership


async def get_led_partnership(
    session: AsyncSession, partnership_id: UUID, org_id: UUID
) -> InterMoaPartnership:
    """Return a partnership, locked, for its lead; refuses members, who know of it."""
    partnership = await get_partnership(session, partnership_id, lock=True)
    if partnership.org_id != org_id:
        raise NotTheLead
    return partnership


async def get_shared_partnership(
    session: AsyncSession, partnership_id: UUID, *, lock: bool = False
) -> InterMoaPartnership:
    """Return a partnership for its lead and accepted participants; refuses who sees less."""
    partnership = await get_partnership(session, partnership_id, lock=lock)
    if partnership.view != View.full:
        raise NotTakingPart
    return partnership


async def list_partnerships(
    session: AsyncSession, params: PartnershipFilter
) -> Rows[InterMoaPartnership]:
    statement = _whole()
    if params.status is not None:
        statement = statement.where(InterMoaPartnership.status == params.status)
    if params.partnership_type is not None:
        statement = statement.where(InterMoaPartnership.partnership_type == params.partnership_type)
    return await page(session, statement, InterMoaPartnership, params)


async def list_activities(
    session: AsyncSession, partnership_id: UUID, params: ActivityFilter
) -> Rows[PartnershipActivity]:
    partnership = await get_shared_partnership(session, partnership_id)
    statement = (
        select(PartnershipActivity)
        .where(
            PartnershipActivity.lead_org_id == partnership.org_id,
            PartnershipActivity.partnership_id == partnership.id,
        )
        .options(
            joinedload(PartnershipActivity.known_actor),
            joinedload(PartnershipActivity.known_about),
        )
    )
    return await page(session, statement, PartnershipActivity, params)
