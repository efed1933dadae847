"""Access reviews over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.problems import refuses
from services.identity.access_reviews import schemas, usecases
from services.identity.approvals import model as approvals
from services.identity.rights.model import ReviewTooLarge

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/access-reviews", tag="access reviews")

CSV: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@router.post(
    "/export",
    response_class=Response,
    dependencies=[requires("identity.grant.export")],
    responses=CSV
    | refuses(
        ReviewTooLarge,
        approvals.ApprovalNotFound,
        approvals.ApprovalNotApproved,
        approvals.ApprovalExpired,
        approvals.ApprovalNotYours,
    ),
    summary="Take out everybody's rights as CSV for a review",
)
async def export_access_review(body: schemas.ReviewExport, uow: Uow) -> Response:
    told = await usecases.export_access_review(uow, body)
    named = {"Content-Disposition": 'attachment; filename="access-review.csv"'}
    return Response(told, media_type="text/csv", headers=named)
