"""Every SELECT on disbursements."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.disbursements.model import (
    Disbursement,
    DisbursementNotFound,
    DisbursementStatus,
)
from services.budgeting.disbursements.schemas import DisbursementFilter

PENDING = (
    DisbursementStatus.draft,
    DisbursementStatus.for_certification,
    DisbursementStatus.approved,
)


async def get_disbursement(
    session: AsyncSession, disbursement_id: UUID, *, lock: bool = False
) -> Disbursement:
    statement: Select[Disbursement] = select(Disbursement).where(Disbursement.id == disbursement_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    disbursement = (await session.scalars(statement)).one_or_none()
    if disbursement is None:
        raise DisbursementNotFound
    return disbursement


async def sum_pending(session: AsyncSession, obligation_id: UUID, *, but: UUID | None) -> Decimal:
    """Return what is to be paid of an obligation and is not paid yet."""
    pending = select(func.sum(Disbursement.gross_amount)).where(
        Disbursement.obligation_id == obligation_id, Disbursement.status.in_(PENDING)
    )
    if but is not None:
        pending = pending.where(Disbursement.id != but)
    return await session.scalar(pending) or Decimal("0.00")


async def list_disbursements(
    session: AsyncSession, params: DisbursementFilter
) -> Rows[Disbursement]:
    statement: Select[Disbursement] = select(Disbursement)
    return await page(
        session,
        statement,
        Disbursement,
        params,
        ("obligation_id", "status", "payment_method", "fiscal_year"),
    )
