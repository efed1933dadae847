"""Accounts over HTTP: the platform's view of everyone, an organization's of its own people."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.identity.memberships import model as memberships
from services.identity.memberships.model import Membership, MembershipNotFound
from services.identity.memberships.schemas import MembershipChange, MembershipEnd, MembershipRead
from services.identity.organizations.model import OrganizationNotFound
from services.identity.permissions.model import BeyondOwnRights
from services.identity.system_grants.model import SystemGrant
from services.identity.system_grants.schemas import SystemGrantRead, SystemGrantRevoke
from services.identity.system_grants.usecases import OwnSystemGrant, SystemGrantNotFound
from services.identity.user_accounts import model, queries, schemas, usecases
from services.identity.users import model as users
from services.identity.users.model import User, UserNotFound
from services.identity.users.queries import get_user as find_user

router = slice_router(prefix="/api/v1/identity/users", tag="users")
member_router = slice_router(prefix="/api/v1/moa/{org_code}/identity/members", tag="members")
grant_router = slice_router(
    prefix="/api/v1/identity/organizations/{organization_id}/system-grants", tag="system grants"
)

STEP = (MatchMissing, Stale, model.OwnAccount)
OF_USER = (UserNotFound, *STEP)
CHANGING = (
    MembershipNotFound,
    MatchMissing,
    Stale,
    memberships.OwnRights,
    memberships.AdministratorsOnly,
    memberships.LastAdministrator,
    memberships.MembershipEnded,
)
OF_MEMBER = (
    MembershipNotFound,
    model.ServesElsewhere,
    memberships.AdministratorsOnly,
    *STEP,
)


@router.get(
    "",
    response_model=schemas.AccountPage,
    dependencies=[requires("identity.user.read")],
    summary="List accounts",
)
async def list_users(params: Annotated[schemas.AccountListParams, Query()], uow: Uow) -> Rows[User]:  # type: ignore[type-var]
    return await queries.list_users(uow.session, params)


@router.get(
    "/{user_id}",
    response_model=schemas.AccountRead,
    dependencies=[requires("identity.user.read")],
    responses=refuses(UserNotFound),
    summary="Read one account",
)
async def get_user(user_id: UUID, uow: Uow) -> User:
    return await find_user(uow.session, user_id)


@router.post(
    "/{user_id}/lock",
    response_model=schemas.AccountRead,
    dependencies=[requires("identity.user.lock"), match_required],
    responses=refuses(
        *OF_USER, users.UserNotActive, model.LockEndsInPast, memberships.LastAdministrator
    ),
    summary="Keep a person out",
)
async def lock_user(user_id: UUID, body: schemas.AccountLock, uow: Uow) -> User:
    return await usecases.lock_user(uow, user_id, body)


@member_router.post(
    "/{membership_id}/lock",
    response_model=MembershipRead,
    dependencies=[requires("identity.membership.lock"), match_required],
    responses=refuses(
        *OF_MEMBER, users.UserNotActive, model.LockEndsInPast, memberships.LastAdministrator
    ),
    summary="Keep one of your people out",
)
async def lock_member(membership_id: UUID, body: schemas.AccountLock, uow: Uow) -> Membership:
    return await usecases.lock_member(uow, membership_id, body)


@router.post(
    "/{user_id}/unlock",
    response_model=schemas.AccountRead,
    dependencies=[requires("identity.user.unlock"), match_required],
    responses=refuses(*OF_USER, users.UserNotLocked),
    summary="Let a locked person in again",
)
async def unlock_user(user_id: UUID, body: schemas.AccountStep, uow: Uow) -> User:
    return await usecases.unlock_user(uow, user_id, body.reason)


@member_router.post(
    "/{membership_id}/unlock",
    response_model=MembershipRead,
    dependencies=[requires("identity.membership.unlock"), match_required],
    responses=refuses(*OF_MEMBER, users.UserNotLocked),
    summary="Let one of your people in again",
)
async def unlock_member(membership_id: UUID, body: schemas.AccountStep, uow: Uow) -> Membership:
    return await usecases.unlock_member(uow, membership_id, body.reason)


@router.post(
    "/{user_id}/deactivate",
    response_model=schemas.AccountRead,
    dependencies=[requires("identity.user.deactivate"), match_required],
    responses=refuses(*OF_USER, users.UserNotInUse, memberships.LastAdministrator),
    summary="Close an account",
)
async def deactivate_user(user_id: UUID, body: schemas.AccountStep, uow: Uow) -> User:
    return await usecases.deactivate_user(uow, user_id, body.reason)


@member_router.post(
    "/{membership_id}/deactivate",
    response_model=MembershipRead,
    dependencies=[requires("identity.membership.deactivate"), match_required],
    responses=refuses(*OF_MEMBER, users.UserNotInUse, memberships.LastAdministrator),
    summary="Close the account of one of your people",
)
async def deactivate_member(membership_id: UUID, body: schemas.AccountStep, uow: Uow) -> Membership:
    return await usecases.deactivate_member(uow, membership_id, body.reason)


@router.post(
    "/{user_id}/reactivate",
    response_model=schemas.AccountRead,
    dependencies=[requires("identity.user.reactivate"), match_required],
    responses=refuses(*OF_USER, users.UserNotDeactivated),
    summary="Open a closed account again",
)
async def reactivate_user(user_id: UUID, body: schemas.AccountStep, uow: Uow) -> User:
    return await usecases.reactivate_user(uow, user_id, body.reason)


@member_router.post(
    "/{membership_id}/reactivate",
    response_model=MembershipRead,
    dependencies=[requires("identity.membership.reactivate"), match_required],
    responses=refuses(*OF_MEMBER, users.UserNotDeactivated),
    summary="Open the account of one of your people again",
)
async def reactivate_member(membership_id: UUID, body: schemas.AccountStep, uow: Uow) -> Membership:
    return await usecases.reactivate_member(uow, membership_id, body.reason)


@member_router.patch(
    "/{membership_id}",
    response_model=MembershipRead,
    dependencies=[requires("identity.membership.change"), match_required],
    responses=refuses(*CHANGING, BeyondOwnRights),
    summary="Change a member's role, flags or position",
)
async def change_membership(membership_id: UUID, body: MembershipChange, uow: Uow) -> Membership:
    return await usecases.change_membership(uow, membership_id, body)


@member_router.post(
    "/{membership_id}/end",
    response_model=MembershipRead,
    dependencies=[requires("identity.membership.end"), match_required],
    responses=refuses(*CHANGING),
    summary="End a membership",
)
async def end_membership(membership_id: UUID, body: MembershipEnd, uow: Uow) -> Membership:
    return await usecases.end_membership(uow, membership_id, body.reason)


@grant_router.post(
    "/{system_grant_id}/revoke",
    response_model=SystemGrantRead,
    dependencies=[requires("identity.system_grant.revoke")],
    responses=refuses(OrganizationNotFound, SystemGrantNotFound, OwnSystemGrant),
    summary="Take a system-wide right back",
)
async def revoke_system_grant(
    organization_id: UUID, system_grant_id: UUID, body: SystemGrantRevoke, uow: Uow
) -> SystemGrant:
    return await usecases.revoke_system_grant(uow, organization_id, system_grant_id, body.reason)
