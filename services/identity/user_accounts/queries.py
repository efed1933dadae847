"""Every SELECT of accounts for administrators."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.grants.model import PermissionGrant, RoleGrant
from services.identity.system_grants.model import SystemGrant
from services.identity.user_accounts.schemas import AccountListParams
from services.identity.users.model import User

ENDED_WITH_ACCOUNT = "The account was deactivated."


async def list_users(session: AsyncSession, params: AccountListParams) -> Rows[User]:  # type: ignore[type-var]  # pages like a tenant's row
    statement = select(User)
    if params.status is not None:
        statement = statement.where(User.status == params.status.value)
    if params.email is not None:
        statement = statement.where(func.lower(User.email) == params.email.strip().lower())
    return await page(session, statement, User, params)  # type: ignore[type-var]


async def revoke_everything_given(
    session: AsyncSession, org_id: UUID, user_id: UUID, *, by: UUID, at: datetime
) -> None:
    """End what a person was given in one organization; it all stays as history."""
    ended = {"revoked_at": at, "revoked_by": by}
    for kind in (RoleGrant, PermissionGrant):
        what = update(kind).where(
            kind.org_id == org_id, kind.user_id == user_id, kind.revoked_at.is_(None)
        )
        if kind is PermissionGrant:
            # A denial outlives the account's pause: opening it again must not widen anything.
            what = what.where(PermissionGrant.is_denial.is_(False))
        await session.execute(
            what.values(
                **ended, revoked_reason=ENDED_WITH_ACCOUNT, version=kind.version + 1
            ).execution_options(synchronize_session=False)
        )
    await session.execute(
        update(SystemGrant)
        .where(
            SystemGrant.org_id == org_id,
            SystemGrant.user_id == user_id,
            SystemGrant.revoked_at.is_(None),
        )
        .values(**ended, version=SystemGrant.version + 1)
        .execution_options(synchronize_session=False)
    )
