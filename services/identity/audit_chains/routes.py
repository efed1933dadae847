"""Proof over HTTP: an organization's whole trail, its heads, and the keys that sign them."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import Query, Response

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from services.identity.audit_chains import queries, schemas, usecases
from services.identity.audit_chains.model import AuditHead

PREFIX = "/api/v1/moa/{org_code}/identity"
router = slice_router(prefix=f"{PREFIX}/audit-heads", tag="audit events")
trail_router = slice_router(prefix=f"{PREFIX}/audit-trail", tag="audit events")
keys_router = slice_router(prefix="/api/v1/identity/audit-keys", tag="audit events")


@router.get(
    "",
    response_model=schemas.AuditHeadPage,
    dependencies=[requires("identity.audit_event.read")],
    summary="List the signed heads of the organization's trail",
)
async def list_audit_heads(
    params: Annotated[schemas.AuditHeadListParams, Query()], uow: Uow
) -> Rows[AuditHead]:
    return await queries.page_heads(uow.session, params)


@trail_router.get(
    "",
    response_class=Response,
    dependencies=[requires("identity.audit_event.read")],
    summary="Take the organization's whole trail out, for `bmms audit verify`",
)
async def get_audit_trail(uow: Uow) -> Response:
    lines = [json.dumps(each) async for each in usecases.export_trail(uow, uow.actor.org_id)]
    await usecases.record_export(uow, len(lines))
    named = {"Content-Disposition": 'attachment; filename="audit-trail.jsonl"'}
    return Response("\n".join(lines) + "\n", media_type="application/jsonl", headers=named)


@keys_router.get(
    "", response_model=schemas.AuditKeysRead, summary="Read the keys by which heads are checked"
)
async def get_audit_keys(uow: Uow) -> schemas.AuditKeysRead:
    return schemas.AuditKeysRead(**await usecases.publish_audit_keys(uow))
