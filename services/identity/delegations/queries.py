"""Every SELECT of delegations, and what of them still counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from libs.chassis.paging import Rows, page
from libs.tenancy.actor import DENIAL
from services.identity.delegations.model import Delegation, DelegationNotFound
from services.identity.delegations.schemas import DelegationListParams
from services.identity.grants.queries import list_entries_of
from services.identity.memberships.model import Membership
from services.identity.permissions.model import Entry, Source, covered


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


async def list_delegated_entries(
    session: AsyncSession, membership: Membership, at: datetime
) -> list[Entry]:
    """Return what others delegated to a member, as far as these still have it themselves.

    A delegator whose membership or account has ended, or who has lost the right, gives nothing;
    what is delegated to a delegator is never passed on.
    """
    statement: Select[Delegation] = (
        select(Delegation)
        .where(
            Delegation.org_id == membership.org_id,
            Delegation.membership_id == membership.id,
            Delegation.starts_at <= at,
            Delegation.ends_at > at,
            Delegation.revoked_at.is_(None),
        )
        .order_by(Delegation.id)
    )
    held = (await session.scalars(statement)).all()
    own = await _own_patterns(session, membership.org_id, [one.delegator_id for one in held], at)
    return [
        Entry(pattern, Source.person, "A delegation to the person", delegator=one.delegator_id)
        for one in held
        for pattern in one.permissions
        if covered(own.get(one.delegator_id, ()), pattern)
    ]


async def _own_patterns(
    session: AsyncSession, org_id: UUID, delegators: Sequence[UUID], at: datetime
) -> dict[UUID, list[str]]:
    if not delegators:
        return {}
    rows = await session.scalars(
        select(Membership)
        .options(joinedload(Membership.user, innerjoin=True))
        .where(
            Membership.org_id == org_id, Membership.user_id.in_(delegators), Membership.is_active
        )
    )
    members = [one for one in rows if one.user.may_sign_in]
    entries = await list_entries_of(session, org_id, members, at)
    return {
        one.user_id: [
            f"{DENIAL}{entry.pattern}" if entry.is_denial else entry.pattern
            for entry in entries[one.id]
        ]
        for one in members
    }
