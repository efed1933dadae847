"""Invitations of one organization over HTTP; accepting one is a page."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.invitations import model, queries, schemas, usecases
from services.identity.invitations.model import Invitation, InvitationNotFound
from services.identity.memberships.model import AdministratorsOnly, AlreadyMember
from services.identity.organizations.model import OrganizationRetired
from services.identity.permissions.model import BeyondOwnRights
from services.identity.users.model import UsernameTaken

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/invitations", tag="invitations")


@router.get(
    "",
    response_model=schemas.InvitationPage,
    dependencies=[requires("identity.invitation.read")],
    summary="List the organization's invitations",
)
async def list_invitations(
    params: Annotated[schemas.InvitationListParams, Query()], uow: Uow
) -> Rows[Invitation]:
    return await queries.list_invitations(uow.session, params, uow.now())


@router.post(
    "",
    response_model=schemas.InvitationRead,
    status_code=201,
    dependencies=[requires("identity.invitation.create")],
    responses=refuses(
        AlreadyMember,
        model.AlreadyInvited,
        BeyondOwnRights,
        AdministratorsOnly,
        model.FunctionalRoleUnknown,
        UsernameTaken,
        OrganizationRetired,
    ),
    summary="Invite a person to the organization",
)
async def create_invitation(
    body: schemas.InvitationCreate, request: Request, uow: Uow
) -> Invitation:
    base_url = request.app.state.settings.issuer
    return await usecases.create_invitation(uow, body, base_url=base_url)


@router.get(
    "/{invitation_id}",
    response_model=schemas.InvitationRead,
    dependencies=[requires("identity.invitation.read")],
    responses=refuses(InvitationNotFound),
    summary="Read one invitation",
)
async def get_invitation(invitation_id: UUID, uow: Uow) -> Invitation:
    return await queries.get_invitation(uow.session, invitation_id)


@router.post(
    "/{invitation_id}/resend",
    response_model=schemas.InvitationRead,
    dependencies=[requires("identity.invitation.resend")],
    responses=refuses(
        InvitationNotFound,
        model.InvitationSettled,
        BeyondOwnRights,
        AdministratorsOnly,
        model.TooManyLetters,
        Stale,
    ),
    summary="Send an invitation again, with a new link",
)
async def resend_invitation(invitation_id: UUID, request: Request, uow: Uow) -> Invitation:
    base_url = request.app.state.settings.issuer
    return await usecases.resend_invitation(uow, invitation_id, base_url=base_url)


@router.post(
    "/{invitation_id}/cancel",
    response_model=schemas.InvitationRead,
    dependencies=[requires("identity.invitation.cancel")],
    responses=refuses(InvitationNotFound, model.InvitationSettled, Stale),
    summary="Take an invitation back",
)
async def cancel_invitation(invitation_id: UUID, uow: Uow) -> Invitation:
    return await usecases.cancel_invitation(uow, invitation_id)
