"""What can be done with focal designations: make one, end one."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.focal_designations import queries
from services.identity.focal_designations.model import (
    AlreadyFocal,
    FocalDesignation,
    FocalDesignationEnded,
)
from services.identity.grants.queries import find_role_grant
from services.identity.grants.usecases import place_in_role, revoke_role_grant
from services.identity.memberships.model import MembershipEnded, OwnRights
from services.identity.memberships.queries import get_membership
from services.identity.role_catalogue.model import check_delegable, pattern_of

FOCAL = "focal_person"


async def create_focal_designation(uow: UnitOfWork, membership_id: UUID) -> FocalDesignation:
    """Let a member speak for the organization; they may endorse who applies from now on."""
    membership = await get_membership(uow.session, uow.actor.org_id, membership_id, lock=True)
    if not membership.is_active:
        raise MembershipEnded
    if membership.user_id == uow.actor.user_id:
        raise OwnRights
    check_delegable(uow.actor, pattern_of(FOCAL))
    if await queries.find_standing(uow.session, membership_id):
        raise AlreadyFocal
    row = FocalDesignation(
        membership_id=membership.id, user_id=membership.user_id, from_on=uow.today()
    )
    uow.session.add(row)
    await uow.session.flush()
    if await find_role_grant(uow.session, membership.id, FOCAL, None) is None:
        await place_in_role(uow, membership, FOCAL, "Designated as focal person.")
    await _record(uow, "focal_designation.created", row)
    return row


async def end_focal_designation(
    uow: UnitOfWork, focal_designation_id: UUID, reason: str
) -> FocalDesignation:
    """Let a member speak for the organization no more; the role goes with it."""
    row = await queries.get_focal_designation(uow.session, focal_designation_id, lock=True)
    uow.expect(row)
    if row.to_on is not None:
        raise FocalDesignationEnded
    row.to_on, row.ended_reason = uow.today(), reason
    await _record(uow, "focal_designation.ended", row, reason)
    grant = await find_role_grant(uow.session, row.membership_id, FOCAL, None)
    if grant is not None:
        uow.expected_version = None
        await revoke_role_grant(uow, grant.id, reason)
    return row


async def _record(uow: UnitOfWork, action: str, row: FocalDesignation, reason: str = "") -> None:
    await record(
        uow,
        action,
        entity="focal_designation",
        entity_id=row.id,
        person_id=row.user_id,
        reason=reason,
    )
