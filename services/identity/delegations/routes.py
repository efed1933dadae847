"""Delegations over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.identity.delegations import model, queries, schemas, usecases
from services.identity.delegations.model import Delegation, DelegationNotFound
from services.identity.incompatible_duties.model import DutiesIncompatible
from services.identity.memberships.model import MembershipEnded, MembershipNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/identity/delegations", tag="delegations")


@router.get(
    "",
    response_model=schemas.DelegationPage,
    dependencies=[requires("identity.delegation.read")],
    summary="List who decides for whom",
)
async def list_delegations(
    params: Annotated[schemas.DelegationListParams, Query()], uow: Uow
) -> Rows[Delegation]:
    return await queries.list_delegations(uow.session, params)


@router.post(
    "",
    response_model=schemas.DelegationRead,
    status_code=201,
    dependencies=[requires("identity.delegation.create")],
    responses=refuses(
        MembershipNotFound,
        MembershipEnded,
        DutiesIncompatible,
        model.DelegationToOneself,
        model.DelegationSpanImpossible,
        model.NotYoursToDelegate,
    ),
    summary="Let another member decide for oneself for a while",
)
async def create_delegation(body: schemas.DelegationCreate, uow: Uow) -> Delegation:
    return await usecases.create_delegation(uow, body)


@router.get(
    "/{delegation_id}",
    response_model=schemas.DelegationRead,
    dependencies=[requires("identity.delegation.read")],
    responses=refuses(DelegationNotFound),
    summary="Read one delegation",
)
async def get_delegation(delegation_id: UUID, uow: Uow) -> Delegation:
    return await queries.get_delegation(uow.session, delegation_id)


@router.post(
    "/{delegation_id}/revoke",
    response_model=schemas.DelegationRead,
    dependencies=[requires("identity.delegation.revoke"), match_required],
    responses=refuses(
        DelegationNotFound, MatchMissing, model.DelegationOver, model.NotYourDelegation
    ),
    summary="Take a delegation back",
)
async def revoke_delegation(delegation_id: UUID, uow: Uow) -> Delegation:
    return await usecases.revoke_delegation(uow, delegation_id)
