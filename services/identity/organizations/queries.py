"""Every SELECT of the register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import ListParams, Rows, page
from services.identity.organizations.model import (
    ModuleActivation,
    Organization,
    OrganizationAlias,
    OrganizationCorrection,
    OrganizationNotFound,
)
from services.identity.organizations.schemas import OrganizationListParams


async def get_organization(
    session: AsyncSession, organization_id: UUID, *, lock: bool = False
) -> Organization:
    if lock:
        locked = select(Organization).where(Organization.id == organization_id).with_for_update()
        organization = await session.scalar(locked)
    else:
        organization = await session.get(Organization, organization_id)
    if organization is None:
        raise OrganizationNotFound
    return organization


async def find_organization_by_code(session: AsyncSession, code: str) -> Organization | None:
    return await session.scalar(select(Organization).where(Organization.code == code.upper()))


async def list_organizations(
    session: AsyncSession, params: OrganizationListParams
) -> Rows[Organization]:  # type: ignore[type-var]  # pages like a tenant's row, without RLS
    statement = select(Organization)
    return await page(
        session,
        statement,
        Organization,
        params,
        ("org_type", "is_moa", "is_pilot", "status", "verified"),
    )  # type: ignore[type-var]


async def list_organizations_for_load(session: AsyncSession) -> dict[str, Organization]:
    """Lock the register against a second load and return it by key."""
    rows = await session.scalars(select(Organization).order_by(Organization.key).with_for_update())
    return {row.key: row for row in rows}


async def list_module_activations(
    session: AsyncSession, params: ListParams
) -> Rows[ModuleActivation]:
    """Return the history of the actor's own organization."""
    return await page(session, select(ModuleActivation), ModuleActivation, params)


async def lock_the_tree(session: AsyncSession) -> None:
    """Let one transaction at a time change who stands above whom, until it ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('identity.organizations'))"))


async def keep_alias(
    session: AsyncSession, organization_id: UUID, code: str, now: datetime
) -> None:
    """Let a code lead to an organization; it counts as long as no organization has the code."""
    await session.execute(
        insert(OrganizationAlias)
        .values(organization_id=organization_id, code=code, since=now)
        .on_conflict_do_update(
            index_elements=["code", "organization_id"],
            set_={"since": now, "superseded_at": None},
        )
    )


async def supersede_aliases(session: AsyncSession, now: datetime) -> None:
    """Close every alias whose code is an organization's own code now: the current code wins."""
    await session.flush()
    await session.execute(
        update(OrganizationAlias)
        .where(
            OrganizationAlias.superseded_at.is_(None),
            OrganizationAlias.code.in_(select(Organization.code)),
        )
        .values(superseded_at=now)
        .execution_options(synchronize_session=False)
    )


async def list_aliases(session: AsyncSession, code: str) -> list[OrganizationAlias]:
    """Return who had the code or is also known by it, the latest first."""
    rows = await session.scalars(
        select(OrganizationAlias)
        .where(OrganizationAlias.code == code.upper())
        .order_by(OrganizationAlias.since.desc())
    )
    return list(rows)


async def list_corrections(
    session: AsyncSession, organization_id: UUID, params: ListParams
) -> Rows[OrganizationCorrection]:  # type: ignore[type-var]  # pages like a tenant's row
    """Return the history of one entry of the register."""
    statement = select(OrganizationCorrection).where(
        OrganizationCorrection.organization_id == organization_id
    )
    return await page(session, statement, OrganizationCorrection, params)  # type: ignore[type-var]


async def list_by_id(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Organization]:
    rows = await session.scalars(select(Organization).where(Organization.id.in_(list(ids))))
    return {row.id: row for row in rows}
