"""Every SELECT of focal designations."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.focal_designations.model import FocalDesignation, FocalDesignationNotFound
from services.identity.focal_designations.schemas import FocalDesignationListParams
from services.identity.memberships.model import Membership
from services.identity.users.model import User


async def list_focal_designations(
    session: AsyncSession, params: FocalDesignationListParams
) -> Rows[FocalDesignation]:
    statement = select(FocalDesignation)
    if params.standing is not None:
        ended = FocalDesignation.to_on.is_not(None)
        statement = statement.where(~ended if params.standing else ended)
    return await page(session, statement, FocalDesignation, params)


async def get_focal_designation(
    session: AsyncSession, designation_id: UUID, *, lock: bool = False
) -> FocalDesignation:
    statement = select(FocalDesignation).where(FocalDesignation.id == designation_id)
    if lock:
        statement = statement.with_for_update()
    found = await session.scalar(statement)
    if found is None:
        raise FocalDesignationNotFound
    return found


async def find_standing(session: AsyncSession, membership_id: UUID) -> FocalDesignation | None:
    return await session.scalar(
        select(FocalDesignation).where(
            FocalDesignation.membership_id == membership_id, FocalDesignation.to_on.is_(None)
        )
    )


async def list_focal_people(session: AsyncSession, org_id: UUID) -> list[User]:
    """Return who is designated now and still a member."""
    rows = await session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .join(FocalDesignation, FocalDesignation.membership_id == Membership.id)
        .where(
            FocalDesignation.org_id == org_id,
            Membership.org_id == org_id,
            Membership.is_active,
            FocalDesignation.to_on.is_(None),
        )
    )
    return list(rows)
