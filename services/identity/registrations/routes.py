"""Registrations over HTTP: for applicants, for an organization, and for the platform."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from libs.chassis.access import requires
from libs.chassis.database import Database
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.memberships.model import AdministratorsOnly, AlreadyMember
from services.identity.organizations.model import OrganizationNotFound
from services.identity.pages.schemas import RegistrationPage
from services.identity.permissions.model import BeyondOwnRights
from services.identity.registrations import model, queries, schemas, usecases
from services.identity.registrations.model import (
    Registration,
    RegistrationNotFound,
    RegistrationStatus,
)
from services.identity.sign_in_attempts.model import network_of
from services.identity.sign_in_attempts.usecases import begin_attempt, note_failure
from services.identity.users.model import ANYONE, UserNotInvited, UserNotRegistered
from services.identity.web import PageRoute, Visiting

public_router = APIRouter(prefix="/api/v1/identity/registrations", include_in_schema=False)
page_router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)
router = slice_router(prefix="/api/v1/moa/{org_code}/identity/registrations", tag="registrations")
applicant_router = slice_router(
    prefix="/api/v1/identity/organizations/{organization_id}/applicants", tag="registrations"
)

STEP = (
    RegistrationNotFound,
    MatchMissing,
    Stale,
    model.RegistrationDecided,
    UserNotRegistered,
    UserNotInvited,
)
ADMITTING = (*STEP, model.NotYourLevel, AlreadyMember)


@public_router.post("", status_code=202)
async def create_registration(body: schemas.RegistrationCreate, request: Request) -> schemas.Sent:
    database: Database = request.app.state.database
    # Counted before it is tried, by address and by network, apart from sign-ins.
    bucket = f"apply {network_of(request.client.host if request.client else '')}"[:50]
    async with database.unit_of_work(ANYONE) as uow:
        await begin_attempt(uow, f"apply {body.email}", bucket, network=bucket)
        await note_failure(uow, bucket)
    async with database.unit_of_work(ANYONE) as uow:
        await usecases.create_registration(uow, body, issuer=request.app.state.settings.issuer)
    return schemas.Sent()


@public_router.post("/verify")
async def verify_registration(body: schemas.Secret, request: Request) -> schemas.ApplicantRead:
    async with request.app.state.database.unit_of_work(ANYONE) as uow:
        return await usecases.verify_registration(uow, body.secret)


@public_router.post("/status")
async def find_registration(body: schemas.Secret, request: Request) -> schemas.ApplicantRead:
    async with request.app.state.database.unit_of_work(ANYONE) as uow:
        return await usecases.find_registration(uow, body.secret)


@page_router.get("/registration")
async def show_registration(visit: Visiting) -> Response:
    secret = visit.request.query_params.get("secret", "")[:150]
    try:
        async with visit.transaction() as uow:
            found = await usecases.find_registration(uow, secret)
    except RegistrationNotFound as refusal:
        return await visit.tell("registration_not_found", status=refusal.status)
    if found.status != RegistrationStatus.unverified:
        return await visit.tell(f"registration.{found.status}", organization=found.organization)
    lead = visit.say("registration.lead", organization=found.organization)
    return await visit.show(RegistrationPage(lead=lead, secret=secret))


@page_router.post("/registration")
async def confirm_registration(visit: Visiting) -> Response:
    try:
        async with visit.transaction() as uow:
            found = await usecases.verify_registration(uow, visit.field("secret", 150))
    except RegistrationNotFound as refusal:
        return await visit.tell("registration_not_found", status=refusal.status)
    return await visit.tell(f"registration.{found.status}", organization=found.organization)


@router.get(
    "",
    response_model=schemas.RegistrationPage,
    dependencies=[requires("identity.registration.read")],
    summary="List who applies",
)
async def list_registrations(
    params: Annotated[schemas.RegistrationListParams, Query()], uow: Uow
) -> Rows[Registration]:
    return await queries.list_registrations(uow.session, params)


@router.get(
    "/{registration_id}",
    response_model=schemas.RegistrationRead,
    dependencies=[requires("identity.registration.read")],
    responses=refuses(RegistrationNotFound),
    summary="Read one application",
)
async def get_registration(registration_id: UUID, uow: Uow) -> Registration:
    return await queries.get_registration(uow.session, uow.actor.org_id, registration_id)


@router.post(
    "/{registration_id}/endorse",
    response_model=schemas.RegistrationRead,
    dependencies=[requires("identity.registration.endorse"), match_required],
    responses=refuses(*STEP, model.NotFocal),
    summary="Agree as focal person, the first of two",
)
async def endorse_registration(registration_id: UUID, uow: Uow) -> Registration:
    return await usecases.endorse_registration(uow, registration_id)


@router.post(
    "/{registration_id}/approve",
    response_model=schemas.RegistrationRead,
    dependencies=[requires("identity.registration.approve"), match_required],
    responses=refuses(*ADMITTING, model.SameApprover, AdministratorsOnly, BeyondOwnRights),
    summary="Agree as the second of two",
)
async def approve_registration(
    registration_id: UUID, body: schemas.RegistrationApprove, request: Request, uow: Uow
) -> Registration:
    issuer = request.app.state.settings.issuer
    return await usecases.approve_registration(uow, registration_id, body.role, issuer=issuer)


@router.post(
    "/{registration_id}/override",
    response_model=schemas.RegistrationRead,
    dependencies=[requires("identity.registration.override"), match_required],
    responses=refuses(
        *ADMITTING, model.OverrideReasonTooShort, AdministratorsOnly, BeyondOwnRights
    ),
    summary="Agree alone, without endorsement, for a reason told in full",
)
async def override_registration(
    registration_id: UUID, body: schemas.RegistrationOverride, request: Request, uow: Uow
) -> Registration:
    issuer = request.app.state.settings.issuer
    return await usecases.override_registration(
        uow, registration_id, body.role, body.reason, issuer=issuer
    )


@router.post(
    "/{registration_id}/reject",
    response_model=schemas.RegistrationRead,
    dependencies=[requires("identity.registration.reject"), match_required],
    responses=refuses(*STEP),
    summary="Refuse an application",
)
async def reject_registration(
    registration_id: UUID, body: schemas.RegistrationReject, uow: Uow
) -> Registration:
    return await usecases.reject_registration(uow, registration_id, body.reason)


@applicant_router.get(
    "",
    response_model=schemas.RegistrationPage,
    dependencies=[requires("identity.applicant.read")],
    responses=refuses(OrganizationNotFound),
    summary="List who applies to an organization that is not live yet",
)
async def list_applicants(
    organization_id: UUID,
    params: Annotated[schemas.RegistrationListParams, Query()],
    uow: Uow,
) -> Rows[Registration]:
    return await usecases.list_applicants(uow, organization_id, params)


@applicant_router.post(
    "/{registration_id}/approve",
    response_model=schemas.RegistrationRead,
    dependencies=[requires("identity.applicant.approve"), match_required],
    responses=refuses(*ADMITTING, OrganizationNotFound, model.SameApprover),
    summary="Agree for an organization that is not live yet",
)
async def approve_applicant(
    organization_id: UUID, registration_id: UUID, request: Request, uow: Uow
) -> Registration:
    issuer = request.app.state.settings.issuer
    return await usecases.approve_applicant(uow, organization_id, registration_id, issuer=issuer)


@applicant_router.post(
    "/{registration_id}/override",
    response_model=schemas.RegistrationRead,
    dependencies=[requires("identity.applicant.override"), match_required],
    responses=refuses(*ADMITTING, OrganizationNotFound, model.OverrideReasonTooShort),
    summary="Agree alone for an organization that has nobody yet",
)
async def override_applicant(
    organization_id: UUID,
    registration_id: UUID,
    body: schemas.ApplicantOverride,
    request: Request,
    uow: Uow,
) -> Registration:
    issuer = request.app.state.settings.issuer
    return await usecases.override_applicant(
        uow, organization_id, registration_id, body.reason, issuer=issuer
    )
