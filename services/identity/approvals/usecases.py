"""What can be done with approvals: ask, approve, reject, take back, and use one up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.approvals import events, queries
from services.identity.approvals.model import (
    LIFE,
    NEEDED,
    Approval,
    ApprovalKind,
    ApprovalNotApproved,
    ApprovalNotYours,
    SecondPersonNeeded,
)
from services.identity.approvals.schemas import ApprovalCreate
from services.identity.audit_events.usecases import record
from services.identity.languages.model import in_manila
from services.identity.mails.usecases import send
from services.identity.memberships.queries import find_membership_of, list_administrators
from services.identity.organizations.model import Organization
from services.identity.organizations.queries import find_organization_by_code, get_organization
from services.identity.organizations.usecases import acting_within
from services.identity.system_grants.model import OF_OCM, Grant
from services.identity.system_grants.queries import list_holders
from services.identity.system_grants.usecases import GrantNotHere, give_grant
from services.identity.user_accounts.usecases import check_factors_lost, reset_factors
from services.identity.users.queries import find_user, get_user


async def create_approval(uow: UnitOfWork, body: ApprovalCreate, *, ocm_code: str) -> Approval:
    """Ask for a dangerous act; nothing happens before another person agrees."""
    _check_may(uow, body.kind)
    if body.user_id == uow.actor.user_id:
        raise SecondPersonNeeded
    if body.kind is ApprovalKind.factor_reset:
        assert body.user_id is not None
        await check_factors_lost(uow, body.user_id)
    elif body.user_id is not None:
        await get_user(uow.session, body.user_id)
    if body.organization_id is not None:
        organization = await get_organization(uow.session, body.organization_id)
        if body.grant in OF_OCM and organization.code != ocm_code:
            raise GrantNotHere(pointer="/body/organization_id")
    approval = Approval(
        kind=body.kind.value,
        subject_id=body.user_id or body.organization_id,
        payload=body.model_dump(mode="json", exclude={"kind", "reason"}, exclude_none=True),
        reason=body.reason,
        requested_by=uow.actor.user_id,
        expires_at=uow.now() + LIFE,
    )
    uow.session.add(approval)
    await uow.session.flush()
    uow.publish(events.ApprovalRequested.model_validate(approval), of=approval)
    await _record(uow, "approval.requested", approval, approval.reason)
    return approval


async def approve_approval(uow: UnitOfWork, approval_id: UUID) -> Approval:
    """Let a dangerous act happen, as the second person; what can be done at once is done."""
    approval = await _locked(uow, approval_id)
    approval.approve(by=uow.actor.user_id, at=uow.now())
    uow.publish(events.ApprovalApproved.model_validate(approval), of=approval)
    await _record(uow, "approval.approved", approval)
    if approval.kind in AT_ONCE:
        await AT_ONCE[ApprovalKind(approval.kind)](uow, approval)
        approval.execute(uow.now())
        await _record(uow, "approval.executed", approval)
    return approval


async def reject_approval(uow: UnitOfWork, approval_id: UUID, reason: str) -> Approval:
    """Say that it shall not happen; whoever still wants it asks again."""
    approval = await _locked(uow, approval_id)
    approval.reject(reason, at=uow.now())
    uow.publish(events.ApprovalRejected.model_validate(approval), of=approval)
    await _record(uow, "approval.rejected", approval, reason)
    return approval


async def cancel_approval(uow: UnitOfWork, approval_id: UUID) -> Approval:
    """Take back what one has asked for."""
    approval = await _locked(uow, approval_id)
    approval.cancel(by=uow.actor.user_id, at=uow.now())
    await _record(uow, "approval.cancelled", approval)
    return approval


async def use_approval(
    uow: UnitOfWork, approval_id: UUID, kind: ApprovalKind, *, subject_id: UUID | None = None
) -> Approval:
    """Use up an approval for this very act, in the act's own transaction; never twice."""
    approval = await queries.get_approval(uow.session, approval_id, lock=True)
    if approval.kind != kind or approval.subject_id != subject_id:
        raise ApprovalNotApproved
    if approval.requested_by != uow.actor.user_id:
        raise ApprovalNotYours
    approval.execute(uow.now())
    await _record(uow, "approval.executed", approval)
    return approval


async def tell_of_emergency(
    uow: UnitOfWork, organization: Organization, reason: str, *, offices: Iterable[str]
) -> None:
    """Write of a suspension that nobody else has approved to all whom it is about.

    These are who administers the organization, and the platform administrators of the offices:
    who did it hears of it as well, in case that it was somebody else in their name.
    """
    by = await find_user(uow.session, uow.actor.user_id)
    async with acting_within(uow, organization):
        readers = await list_administrators(uow.session, organization.id)
    for code in {*offices, uow.actor.org_code}:
        office = await find_organization_by_code(uow.session, code)
        if office is not None:
            async with acting_within(uow, office):
                readers += await list_holders(uow.session, office.id, Grant.platform_administrator)
    for reader in {each.id: each for each in readers}.values():
        await send(
            uow,
            "emergency_suspension",
            to=reader.email,
            language=reader.language,
            reader=reader.full_name,
            organization=f"{organization.name} ({organization.code})",
            by=by.full_name if by else str(uow.actor.user_id),
            at=in_manila(uow.now()),
            reason=reason,
        )


async def _give(uow: UnitOfWork, approval: Approval) -> None:
    told = approval.payload
    user = await get_user(uow.session, UUID(told["user_id"]))
    organization = await get_organization(uow.session, UUID(told["organization_id"]))
    ends = told.get("grant_expires_at")
    async with acting_within(uow, organization):
        if told["grant"] in OF_OCM:
            member = await find_membership_of(uow.session, organization.id, user.id)
            if member is None or not member.is_active:
                raise GrantNotHere
        await give_grant(
            uow,
            user,
            Grant(told["grant"]),
            reason=approval.reason,
            expires_at=datetime.fromisoformat(ends) if ends else None,
        )


async def _reset(uow: UnitOfWork, approval: Approval) -> None:
    await reset_factors(uow, UUID(approval.payload["user_id"]), approval.reason)


AT_ONCE = {ApprovalKind.system_grant: _give, ApprovalKind.factor_reset: _reset}
"""What happens with the approval itself; for the rest, whoever asked comes back with it."""


async def _locked(uow: UnitOfWork, approval_id: UUID) -> Approval:
    approval = await queries.get_approval(uow.session, approval_id, lock=True)
    uow.expect(approval)
    _check_may(uow, ApprovalKind(approval.kind))
    return approval


def _check_may(uow: UnitOfWork, kind: ApprovalKind) -> None:
    if not uow.actor.may(NEEDED[kind]):
        raise ApprovalNotYours(f"The permission {NEEDED[kind]} is needed.")


async def _record(uow: UnitOfWork, action: str, approval: Approval, reason: str = "") -> None:
    await record(
        uow,
        action,
        entity="approval",
        entity_id=approval.id,
        person_id=approval.subject_id if approval.kind in AT_ONCE else None,
        after={"kind": approval.kind, "status": approval.status, **approval.payload},
        reason=reason,
    )
