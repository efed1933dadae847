"""Every SELECT of the register."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.organizations.model import (
    ModuleActivation,
    Organization,
    OrganizationNotFound,
)
from services.identity.organizations.schemas import OrganizationListParams


async def get_organization(
    session: AsyncSession, organization_id: UUID, *, lock: bool = False
) -> Organization:
    statement = select(Organization).where(Organization.id == organization_id)
    if lock:
        statement = statement.with_for_update()
    organization = await session.scalar(statement)
    if organization is None:
        raise OrganizationNotFound
    return organization


async def find_organization_by_code(session: AsyncSession, code: str) -> Organization | None:
    return await session.scalar(select(Organization).where(Organization.code == code.upper()))


async def list_organizations(
    session: AsyncSession, params: OrganizationListParams
) -> Rows[Organization]:  # type: ignore[type-var]  # pages like a tenant's row, without RLS
    statement = select(Organization)
    for name in ("org_type", "is_moa", "is_pilot"):
        wanted = getattr(params, name)
        if wanted is not None:
            statement = statement.where(getattr(Organization, name) == wanted)
    return await page(session, statement, Organization, params)  # type: ignore[type-var]


async def list_organizations_for_load(session: AsyncSession) -> dict[str, Organization]:
    """Lock the register against a second load and return it by key."""
    rows = await session.scalars(select(Organization).order_by(Organization.key).with_for_update())
    return {row.key: row for row in rows}


async def list_module_activations(session: AsyncSession) -> list[ModuleActivation]:
    """Return the history of the actor's own organization, newest first."""
    rows = await session.scalars(select(ModuleActivation).order_by(ModuleActivation.id.desc()))
    return list(rows)
