"""Every SELECT on the ledger as a list; what it adds up to stands with the reports."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.postings.model import Posting
from services.budgeting.postings.schemas import PostingFilter

FILTERS = (
    "kind",
    "fiscal_year",
    "item_id",
    "allocation_id",
    "allotment_id",
    "obligation_id",
    "disbursement_id",
)


async def list_postings(session: AsyncSession, params: PostingFilter) -> Rows[Posting]:
    statement: Select[Posting] = select(Posting)
    for name in FILTERS:
        wanted = getattr(params, name)
        if wanted is not None:
            statement = statement.where(getattr(Posting, name) == wanted)
    return await page(session, statement, Posting, params)
