"""Members of one organization over HTTP, and who the caller is."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from services.identity.memberships import model, queries, schemas, usecases
from services.identity.memberships.model import Membership, MembershipNotFound
from services.identity.organizations.model import OrganizationNotFound
from services.identity.permissions.model import BeyondOwnRights
from services.identity.users.model import UserNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/members", tag="members")
me_router = slice_router(prefix="/api/v1/identity/me", tag="me")


@router.get(
    "",
    response_model=schemas.MembershipPage,
    dependencies=[requires("identity.membership.read")],
    summary="List the organization's members",
)
async def list_memberships(
    params: Annotated[schemas.MembershipListParams, Query()], uow: Uow
) -> Rows[Membership]:
    return await queries.list_memberships(uow.session, uow.actor.org_id, params)


@router.get(
    "/{membership_id}",
    response_model=schemas.MembershipRead,
    dependencies=[requires("identity.membership.read")],
    responses=refuses(MembershipNotFound),
    summary="Read one member",
)
async def get_membership(membership_id: UUID, uow: Uow) -> Membership:
    return await queries.get_membership(uow.session, uow.actor.org_id, membership_id)


@router.post(
    "",
    response_model=schemas.MembershipRead,
    status_code=201,
    dependencies=[requires("identity.membership.create")],
    responses=refuses(
        model.NotAUser,
        model.AlreadyMember,
        model.OwnRights,
        model.AdministratorsOnly,
        BeyondOwnRights,
    ),
    summary="Bring someone who has an account into the organization",
)
async def create_membership(body: schemas.MembershipCreate, uow: Uow) -> Membership:
    return await usecases.create_membership(uow, body)


@me_router.post(
    "/memberships/{membership_id}/make-primary",
    response_model=schemas.MeRead,
    responses=refuses(UserNotFound, OrganizationNotFound, MembershipNotFound),
    summary="Choose for whom you act unless you say otherwise",
)
async def make_primary(membership_id: UUID, uow: Uow) -> schemas.MeRead:
    return await usecases.make_primary(uow, membership_id)


@me_router.get(
    "",
    response_model=schemas.MeRead,
    responses=refuses(UserNotFound, OrganizationNotFound),
    summary="Read who you are here, and what you may",
)
async def tell_me(uow: Uow) -> schemas.MeRead:
    return await usecases.tell_me(uow)
