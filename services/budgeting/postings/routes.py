"""The ledger over HTTP, for reading."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.budgeting.postings import queries, schemas
from services.budgeting.postings.model import Posting

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/postings", tag="ledger")


@router.get(
    "",
    response_model=schemas.PostingPage,
    dependencies=[requires("budgeting.posting.read")],
    summary="List the lines of the ledger",
)
async def list_postings(
    params: Annotated[schemas.PostingFilter, Query()], uow: Uow
) -> Rows[Posting]:
    return await queries.list_postings(uow.session, params)
