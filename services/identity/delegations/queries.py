"""Every SELECT of delegations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.delegations.model import Delegation, DelegationNotFound
from services.identity.delegations.schemas import DelegationListParams


async def list_delegations(session: AsyncSession, params: DelegationListParams) -> Rows[Delegation]:
    statement: Select[Delegation] = select(Delegation)
    if params.delegator_id is not None:
        statement = statement.where(Delegation.delegator_id == params.delegator_id)
    if params.user_id is not None:
        statement = statement.where(Delegation.user_id == params.user_id)
    return await page(session, statement, Delegation, params)


async def get_delegation(
    session: AsyncSession, delegation_id: UUID, *, lock: bool = False
) -> Delegation:
    statement: Select[Delegation] = select(Delegation).where(Delegation.id == delegation_id)
    if lock:
        statement = statement.with_for_update()
    delegation = (await session.scalars(statement)).one_or_none()
    if delegation is None:
        raise DelegationNotFound
    return delegation


async def list_in_force(
    session: AsyncSession, org_id: UUID, membership_ids: Collection[UUID], at: datetime
) -> list[Delegation]:
    """Return what was delegated to members for now; what of it still counts, rights decide."""
    statement: Select[Delegation] = (
        select(Delegation)
        .where(
            Delegation.org_id == org_id,
            Delegation.membership_id.in_(membership_ids),
            Delegation.starts_at <= at,
            Delegation.ends_at > at,
            Delegation.revoked_at.is_(None),
        )
        .order_by(Delegation.id)
    )
    return list(await session.scalars(statement))
