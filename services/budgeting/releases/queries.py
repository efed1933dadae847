"""Every SELECT on releases, and on allotments that others submitted for release."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.allotment_transfers.model import AllotmentTransfer, TransferStatus
from services.budgeting.allotments.model import Allotment, AllotmentStatus
from services.budgeting.releases.model import (
    AllotmentNotSubmitted,
    Release,
    ReleaseNotFound,
    TransferNotSubmitted,
)
from services.budgeting.releases.schemas import ReleaseFilter


async def get_release(session: AsyncSession, release_id: UUID, *, lock: bool = False) -> Release:
    statement: Select[Release] = select(Release).where(Release.id == release_id)
    if lock:
        statement = statement.with_for_update()
    release = (await session.scalars(statement)).one_or_none()
    if release is None:
        raise ReleaseNotFound
    return release


async def get_submitted_allotment(
    session: AsyncSession, allotment_id: UUID, *, to: UUID
) -> Allotment:
    """Return another organization's allotment that waits for release by `to`."""
    statement: Select[Allotment] = select(Allotment).where(
        Allotment.id == allotment_id,
        Allotment.release_org_id == to,
        Allotment.status == AllotmentStatus.approved,
    )
    allotment = (await session.scalars(statement)).one_or_none()
    if allotment is None:
        raise AllotmentNotSubmitted(pointer="/body/allotment_id")
    return allotment


async def get_submitted_transfer(
    session: AsyncSession, transfer_id: UUID, *, to: UUID
) -> AllotmentTransfer:
    """Return a transfer that waits for release by `to`."""
    statement: Select[AllotmentTransfer] = select(AllotmentTransfer).where(
        AllotmentTransfer.id == transfer_id,
        AllotmentTransfer.issuer_org_id == to,
        AllotmentTransfer.status == TransferStatus.approved,
    )
    transfer = (await session.scalars(statement)).one_or_none()
    if transfer is None:
        raise TransferNotSubmitted(pointer="/body/allotment_transfer_id")
    return transfer


async def list_releases(
    session: AsyncSession, issuer: UUID, params: ReleaseFilter
) -> Rows[Release]:
    statement: Select[Release] = select(Release).where(Release.org_id == issuer)
    if params.status is not None:
        statement = statement.where(Release.status == params.status)
    if params.fiscal_year is not None:
        statement = statement.where(Release.fiscal_year == params.fiscal_year)
    return await page(session, statement, Release, params)
