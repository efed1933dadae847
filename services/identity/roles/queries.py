"""Every SELECT of an organization's own roles."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from libs.chassis.paging import Rows, page
from services.identity.roles.model import Role, RoleNotFound
from services.identity.roles.schemas import RoleListParams


async def list_roles(session: AsyncSession, params: RoleListParams) -> Rows[Role]:
    statement = select(Role).options(selectinload(Role.permissions))
    if params.in_use is not None:
        retired = Role.retired_at.is_not(None)
        statement = statement.where(~retired if params.in_use else retired)
    return await page(session, statement, Role, params)


async def get_role(session: AsyncSession, role_id: UUID, *, lock: bool = False) -> Role:
    statement = select(Role).options(selectinload(Role.permissions)).where(Role.id == role_id)
    if lock:
        statement = statement.with_for_update(of=Role)
    role = await session.scalar(statement)
    if role is None:
        raise RoleNotFound
    return role


async def find_role_by_slug(session: AsyncSession, slug: str) -> Role | None:
    return await session.scalar(select(Role).where(Role.slug == slug))


async def list_all_roles(session: AsyncSession, org_id: UUID) -> dict[UUID, Role]:
    """Return every role of an organization by id: what a person has may inherit from any."""
    rows = await session.scalars(
        select(Role).options(selectinload(Role.permissions)).where(Role.org_id == org_id)
    )
    return {role.id: role for role in rows}
