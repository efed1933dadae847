"""The trail of one organization over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.identity.audit_events import queries, schemas
from services.identity.audit_events.model import AuditEvent

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/audit-events", tag="audit events")


@router.get(
    "",
    response_model=schemas.AuditEventPage,
    dependencies=[requires("identity.audit_event.read")],
    summary="Search the organization's trail",
)
async def list_audit_events(
    params: Annotated[schemas.AuditFilter, Query()], uow: Uow
) -> Rows[AuditEvent]:
    return await queries.list_events(uow.session, params)
