"""Alerts over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.budgeting.alerts import queries, schemas, usecases
from services.budgeting.alerts.model import Alert

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/alerts", tag="alerts")


@router.get(
    "",
    response_model=schemas.AlertPage,
    dependencies=[requires("budgeting.alert.read")],
    summary="List what should be looked at",
)
async def list_alerts(params: Annotated[schemas.AlertFilter, Query()], uow: Uow) -> Rows[Alert]:
    return await queries.list_alerts(uow.session, params)


@router.post(
    "/check",
    response_model=schemas.AlertsChecked,
    dependencies=[requires("budgeting.alert.check")],
    summary="Raise and clear alerts now, as the worker does every day",
)
async def check_alerts(uow: Uow) -> schemas.AlertsChecked:
    return await usecases.check_alerts(uow)
