"""Trails over HTTP: an organization's own, and every one for who runs the platform."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refused
from libs.refusals import Forbidden
from libs.tenancy.actor import Actor
from services.identity.audit_events import queries, schemas, usecases
from services.identity.audit_events.model import AuditEvent

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/audit-events", tag="audit events")
platform_router = slice_router(prefix="/api/v1/identity/audit-events", tag="audit events")


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


@router.get(
    "/csv",
    response_class=Response,
    dependencies=[requires("identity.audit_event.read")],
    summary="Take a part of the organization's trail out as CSV, at most 10,000 events",
)
async def get_audit_events_csv(
    params: Annotated[schemas.AuditFilter, Query()], uow: Uow
) -> Response:
    told = await usecases.export_events(uow, params)
    named = {"Content-Disposition": 'attachment; filename="audit-events.csv"'}
    return Response(told, media_type="text/csv", headers=named)


@platform_router.get(
    "",
    response_model=schemas.AuditEventPage,
    dependencies=[requires("identity.platform_trail.read")],
    summary="Search the platform's trail, or any organization's",
)
async def list_platform_events(
    params: Annotated[schemas.PlatformAuditFilter, Query()], uow: Uow
) -> Rows[AuditEvent]:
    return await usecases.list_platform_events(uow, params)


async def tell_denied(request: Request, error: Exception) -> Response:
    """Answer as everywhere, and keep who was refused what, if anyone is known to have asked."""
    assert isinstance(error, Forbidden)
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is not None:
        told = f"{error.code()}: {error.detail or error.title}"
        await usecases.record_denial(request.app.state.database, actor, told)
    return await refused(request, error)
