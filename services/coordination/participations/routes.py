"""Invitations, answers and commitments over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.coordination.commitments.model import (
    AmountMissing,
    CommitmentCancelled,
    CommitmentNotFound,
    FiscalYearMissing,
    PartnershipCommitment,
)
from services.coordination.inter_moa_partnerships.model import InterMoaPartnership
from services.coordination.inter_moa_partnerships.schemas import PartnershipFull
from services.coordination.invitations.model import (
    InvitationNotAccepted,
    InvitationNotFound,
    InvitationNotPending,
    PartnershipInvitation,
)
from services.coordination.participations import queries, schemas, usecases
from services.coordination.partnership_states import model as states
from services.coordination.partnership_states.model import (
    NotInvited,
    NotTakingPart,
    NotTheLead,
    PartnershipClosed,
    PartnershipNotFound,
)

BASE = "/inter-moa-partnerships/{partnership_id}"
LEAD = (PartnershipNotFound, NotTheLead, PartnershipClosed)
MEMBER = (PartnershipNotFound, NotInvited, PartnershipClosed, MatchMissing, Stale)
CIRCLE = (PartnershipNotFound, NotTakingPart, PartnershipClosed, AmountMissing, FiscalYearMissing)
OWN = (CommitmentNotFound, CommitmentCancelled, MatchMissing, Stale)

router = slice_router(prefix="/api/v1/moa/{org_code}/coordination", tag="participations")


def _may(verb: str, noun: str = "inter_moa_partnership") -> list[Any]:
    return [requires(f"coordination.{noun}.{verb}")]


def _may_now(verb: str, noun: str = "inter_moa_partnership") -> list[Any]:
    return [*_may(verb, noun), match_required]


@router.get(
    "/invitations",
    response_model=schemas.InvitationPage,
    dependencies=_may("read"),
    summary="List the invitations that your organization received",
)
async def list_received_invitations(
    params: Annotated[schemas.ReceivedInvitationFilter, Query()], uow: Uow
) -> Rows[PartnershipInvitation]:
    return await queries.list_received_invitations(uow.session, uow.actor.org_id, params)


@router.get(
    BASE + "/invitations",
    response_model=schemas.InvitationPage,
    dependencies=_may("read"),
    responses=refuses(PartnershipNotFound),
    summary="List the invitations of a partnership: all for its lead, else your own",
)
async def list_invitations(
    partnership_id: UUID, params: Annotated[schemas.InvitationFilter, Query()], uow: Uow
) -> Rows[PartnershipInvitation]:
    return await queries.list_invitations(uow.session, partnership_id, params)


@router.post(
    BASE + "/invite",
    response_model=PartnershipFull,
    dependencies=_may("invite"),
    responses=refuses(
        *LEAD,
        states.OrganizationNotInvitable,
        states.LeadNotInvitable,
        states.OrganizationInvitedAlready,
        states.BilateralTaken,
    ),
    summary="Ask an organization to join",
)
async def invite_organization(
    partnership_id: UUID, body: schemas.InvitationCreate, uow: Uow
) -> InterMoaPartnership:
    return await usecases.invite_organization(uow, partnership_id, body)


@router.post(
    BASE + "/invitations/{invitation_id}/revoke",
    response_model=PartnershipFull,
    dependencies=_may_now("revoke"),
    responses=refuses(*LEAD, InvitationNotFound, InvitationNotPending, MatchMissing, Stale),
    summary="Take an unanswered invitation back; If-Match is the partnership's ETag",
)
async def revoke_invitation(
    partnership_id: UUID, invitation_id: UUID, uow: Uow
) -> InterMoaPartnership:
    return await usecases.revoke_invitation(uow, partnership_id, invitation_id)


@router.post(
    BASE + "/invitations/{invitation_id}/remove",
    response_model=PartnershipFull,
    dependencies=_may_now("remove"),
    responses=refuses(*LEAD, InvitationNotFound, InvitationNotAccepted, MatchMissing, Stale),
    summary="End the part of a participant; If-Match is the partnership's ETag",
)
async def remove_participant(
    partnership_id: UUID, invitation_id: UUID, body: schemas.ParticipantRemove, uow: Uow
) -> InterMoaPartnership:
    return await usecases.remove_participant(uow, partnership_id, invitation_id, body.reason)


@router.post(
    BASE + "/accept",
    response_model=PartnershipFull,
    dependencies=_may_now("accept"),
    responses=refuses(*MEMBER, InvitationNotPending),
    summary="Join, on the terms of the ETag that you read",
)
async def accept_invitation(partnership_id: UUID, uow: Uow) -> InterMoaPartnership:
    return await usecases.accept_invitation(uow, partnership_id)


@router.post(
    BASE + "/decline",
    response_model=schemas.InvitationRead,
    dependencies=_may_now("decline"),
    responses=refuses(*MEMBER, InvitationNotPending),
    summary="Stay out, with or without a reason",
)
async def decline_invitation(
    partnership_id: UUID, uow: Uow, body: schemas.InvitationDecline | None = None
) -> PartnershipInvitation:
    return await usecases.decline_invitation(uow, partnership_id, body.reason if body else "")


@router.post(
    BASE + "/withdraw",
    response_model=schemas.InvitationRead,
    dependencies=_may_now("withdraw"),
    responses=refuses(*MEMBER, InvitationNotAccepted),
    summary="Leave a partnership that your organization joined",
)
async def withdraw_participation(
    partnership_id: UUID, body: schemas.ParticipantWithdraw, uow: Uow
) -> PartnershipInvitation:
    return await usecases.withdraw_participation(uow, partnership_id, body.reason)


@router.get(
    BASE + "/commitments",
    response_model=schemas.CommitmentPage,
    dependencies=_may("read", "partnership_commitment"),
    responses=refuses(PartnershipNotFound, NotTakingPart),
    summary="List what lead and participants promise",
)
async def list_commitments(
    partnership_id: UUID, params: Annotated[schemas.CommitmentFilter, Query()], uow: Uow
) -> Rows[PartnershipCommitment]:
    return await queries.list_commitments(uow.session, partnership_id, params)


@router.post(
    BASE + "/commitments",
    response_model=schemas.CommitmentRead,
    status_code=201,
    dependencies=_may("create", "partnership_commitment"),
    responses=refuses(*CIRCLE),
    summary="Promise something for your organization",
)
async def create_commitment(
    partnership_id: UUID, body: schemas.CommitmentCreate, uow: Uow
) -> PartnershipCommitment:
    return await usecases.create_commitment(uow, partnership_id, body)


@router.patch(
    BASE + "/commitments/{commitment_id}",
    response_model=schemas.CommitmentRead,
    dependencies=_may_now("change", "partnership_commitment"),
    responses=refuses(*CIRCLE, *OWN),
    summary="Change a promise of your organization, or tell that it is delivered",
)
async def change_commitment(
    partnership_id: UUID, commitment_id: UUID, body: schemas.CommitmentChange, uow: Uow
) -> PartnershipCommitment:
    return await usecases.change_commitment(uow, partnership_id, commitment_id, body)


@router.post(
    BASE + "/commitments/{commitment_id}/cancel",
    response_model=schemas.CommitmentRead,
    dependencies=_may_now("cancel", "partnership_commitment"),
    responses=refuses(PartnershipNotFound, NotTakingPart, PartnershipClosed, *OWN),
    summary="Take a promise of your organization back",
)
async def cancel_commitment(
    partnership_id: UUID, commitment_id: UUID, body: schemas.CommitmentCancel, uow: Uow
) -> PartnershipCommitment:
    return await usecases.cancel_commitment(uow, partnership_id, commitment_id, body.reason)
