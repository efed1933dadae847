"""The catalogue of object codes over HTTP: read only."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from services.budgeting.object_codes import schemas, usecases

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/object-codes", tag="object codes")


@router.get(
    "",
    response_model=schemas.CatalogueRead,
    dependencies=[requires("budgeting.object_code.read")],
    summary="Read the catalogue of object codes of a fiscal year",
)
async def get_object_codes(
    params: Annotated[schemas.ObjectCodeFilter, Query()], uow: Uow
) -> schemas.CatalogueRead:
    return await usecases.get_object_codes(uow, params)
