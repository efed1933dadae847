"""Every SELECT of imports."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.imports.model import Import, ImportNotFound, ImportStatus
from services.identity.imports.schemas import ImportListParams
from services.identity.organizations.model import Organization

SILENCE = timedelta(minutes=2)
"""A run that has not been heard of for so long has died with its process."""


async def list_imports(session: AsyncSession, params: ImportListParams) -> Rows[Import]:
    statement = select(Import)
    if params.status is not None:
        statement = statement.where(Import.status == params.status.value)
    return await page(session, statement, Import, params)


async def get_import(session: AsyncSession, import_id: UUID, *, lock: bool = False) -> Import:
    statement = select(Import).where(Import.id == import_id)
    found = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise ImportNotFound
    return found


async def find_waiting_import(session: AsyncSession, now: datetime) -> tuple[UUID, UUID] | None:
    """Return organization and id of the import whose turn it is, of any organization.

    The policy `waiting` shows them to the worker alone; it takes one up as its organization.
    """
    row = (
        await session.execute(
            select(Import.org_id, Import.id)
            .where(
                or_(
                    Import.status == ImportStatus.queued.value,
                    and_(
                        Import.status == ImportStatus.running.value, Import.beat_at < now - SILENCE
                    ),
                )
            )
            .order_by(Import.id)
            .limit(1)
        )
    ).one_or_none()
    return (row.org_id, row.id) if row else None


async def list_organizations_by_code(session: AsyncSession) -> dict[str, Organization]:
    rows = await session.scalars(select(Organization))
    return {row.code: row for row in rows}
