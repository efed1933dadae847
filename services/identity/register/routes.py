"""The register for its administrators, and the way from a code to an organization."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import both, refuses
from libs.refusals import Stale
from services.identity.approvals import model as approvals
from services.identity.organizations import model
from services.identity.organizations.model import (
    ModuleActivation,
    Organization,
    OrganizationCorrection,
    OrganizationNotFound,
)
from services.identity.organizations.queries import get_organization, list_corrections
from services.identity.organizations.schemas import OrganizationFound, OrganizationRead
from services.identity.organizations.usecases import find_by_code, list_switches
from services.identity.register import schemas, usecases

router = slice_router(prefix="/api/v1/identity/organizations", tag="register")

MOVED: dict[int | str, dict[str, Any]] = {
    301: {"description": "The organization has another code now."}
}
STEPS = refuses(
    OrganizationNotFound, model.OrganizationStatusWrong, model.OrganizationRetired, Stale
)


AGREED = refuses(
    model.OrganizationProtected,
    approvals.ApprovalNotFound,
    approvals.ApprovalNotApproved,
    approvals.ApprovalNotYours,
    approvals.ApprovalExpired,
)


def _protected(request: Request) -> tuple[str, str]:
    settings = request.app.state.settings
    return settings.default_code, settings.ocm_organization_code


@router.post(
    "",
    response_model=OrganizationRead,
    status_code=201,
    dependencies=[requires("identity.organization.create")],
    responses=refuses(model.OrganizationCodeTaken, usecases.KeyTaken),
    summary="Enter an organization into the register",
)
async def create_organization(body: schemas.OrganizationCreate, uow: Uow) -> Organization:
    return await usecases.create_organization(uow, body)


@router.get(
    "/export",
    response_class=Response,
    responses={
        200: {
            "description": "The register.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    },
    summary="Take the whole register along as CSV",
)
async def export_register(uow: Uow) -> Response:
    content = schemas.as_csv(await usecases.export_register(uow))
    named = {"Content-Disposition": 'attachment; filename="organizations.csv"'}
    return Response(content, media_type="text/csv", headers=named)


@router.get(
    "/by-code/{code}",
    response_model=OrganizationFound,
    responses=both(MOVED, refuses(OrganizationNotFound)),
    summary="Find an organization by its present or a former code",
)
async def find_organization(
    code: Annotated[str, Path(max_length=20, examples=["MOH"])], request: Request, uow: Uow
) -> OrganizationFound | Response:
    found = await find_by_code(uow, code)
    if found.code == code:
        return found
    there = request.url.path.removesuffix(code) + found.code
    return RedirectResponse(there, status_code=301, headers={"Cache-Control": "max-age=300"})


@router.patch(
    "/{organization_id}",
    response_model=OrganizationRead,
    dependencies=[requires("identity.organization.change"), match_required],
    responses=refuses(
        OrganizationNotFound,
        model.OrganizationCodeTaken,
        model.OrganizationRetired,
        model.DatesContradict,
        model.ParentCircle,
        usecases.FocalNotMember,
        MatchMissing,
        Stale,
    ),
    summary="Correct an entry of the register",
)
async def change_organization(
    organization_id: UUID, body: schemas.OrganizationChange, uow: Uow
) -> Organization:
    return await usecases.change_organization(uow, organization_id, body)


@router.get(
    "/{organization_id}/corrections",
    response_model=schemas.CorrectionPage,
    dependencies=[requires("identity.correction.read")],
    responses=refuses(OrganizationNotFound),
    summary="Show what was corrected in an entry",
)
async def list_corrections_of(
    organization_id: UUID, params: Annotated[schemas.CorrectionListParams, Query()], uow: Uow
) -> Rows[OrganizationCorrection]:  # type: ignore[type-var]  # pages like a tenant's row
    await get_organization(uow.session, organization_id)
    return await list_corrections(uow.session, organization_id, params)


@router.get(
    "/{organization_id}/module-switches",
    response_model=schemas.ModuleActivationPage,
    dependencies=[requires("identity.module.read")],
    responses=refuses(OrganizationNotFound),
    summary="Show when which module was switched on or off, and why",
)
async def list_module_switches(
    organization_id: UUID, params: Annotated[schemas.ModuleActivationListParams, Query()], uow: Uow
) -> Rows[ModuleActivation]:
    return await list_switches(uow, organization_id, params)


@router.post(
    "/{organization_id}/onboard",
    response_model=OrganizationRead,
    dependencies=[requires("identity.organization.onboard")],
    responses=STEPS,
    summary="Begin an organization's onboarding",
)
async def onboard_organization(
    organization_id: UUID, body: schemas.StatusReason, uow: Uow
) -> Organization:
    return await usecases.onboard_organization(uow, organization_id, body.reason)


@router.post(
    "/{organization_id}/go-live",
    response_model=OrganizationRead,
    dependencies=[requires("identity.organization.go_live")],
    responses=both(STEPS, refuses(usecases.AdministratorMissing, model.DatesContradict)),
    summary="Let an organization begin real work",
)
async def go_live_organization(
    organization_id: UUID, body: schemas.StatusReason, uow: Uow
) -> Organization:
    return await usecases.go_live_organization(uow, organization_id, body.reason)


@router.post(
    "/{organization_id}/suspend",
    response_model=OrganizationRead,
    dependencies=[requires("identity.organization.suspend")],
    responses=both(STEPS, AGREED),
    summary="Take an organization away from its members, at once",
)
async def suspend_organization(
    organization_id: UUID, body: schemas.SuspendReason, request: Request, uow: Uow
) -> Organization:
    return await usecases.suspend_organization(
        uow, organization_id, body, protected=_protected(request)
    )


@router.post(
    "/{organization_id}/resume",
    response_model=OrganizationRead,
    dependencies=[requires("identity.organization.resume")],
    responses=STEPS,
    summary="Give a suspended organization back to its members",
)
async def resume_organization(
    organization_id: UUID, body: schemas.StatusReason, uow: Uow
) -> Organization:
    return await usecases.resume_organization(uow, organization_id, body.reason)


@router.post(
    "/{organization_id}/retire",
    response_model=OrganizationRead,
    dependencies=[requires("identity.organization.retire")],
    responses=both(STEPS, AGREED),
    summary="End an organization for good, once a second person has approved",
)
async def retire_organization(
    organization_id: UUID, body: schemas.RetireReason, request: Request, uow: Uow
) -> Organization:
    return await usecases.retire_organization(
        uow,
        organization_id,
        body.reason,
        protected=_protected(request),
        approval_id=body.approval_id,
    )
