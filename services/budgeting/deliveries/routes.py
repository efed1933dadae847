"""Deliveries over HTTP: read only, by issuers and by whom they concern."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.budgeting.deliveries import queries, schemas
from services.budgeting.deliveries.model import Delivery

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/deliveries", tag="deliveries")


@router.get(
    "",
    response_model=schemas.DeliveryPage,
    dependencies=[requires("budgeting.delivery.read")],
    summary="List what became of issued documents in the organizations they concern",
)
async def list_deliveries(
    params: Annotated[schemas.DeliveryFilter, Query()], uow: Uow
) -> Rows[Delivery]:
    return await queries.list_deliveries(uow.session, params)
