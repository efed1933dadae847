"""What administrators do with the register: enter, correct, and lead through the states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.refusals import Conflict, Invalid
from services.identity.approvals.model import ApprovalKind, ApprovalNotApproved
from services.identity.approvals.usecases import tell_of_emergency, use_approval
from services.identity.audit_events.usecases import record
from services.identity.authorizations.usecases import end_authorizations
from services.identity.memberships.queries import count_active_admins, find_membership_of
from services.identity.organizations.events import (
    OrganizationChanged,
    OrganizationOnboarded,
    OrganizationRegistered,
    OrganizationResumed,
    OrganizationRetired,
    OrganizationState,
    OrganizationSuspended,
    OrganizationWentLive,
)
from services.identity.organizations.model import (
    DatesContradict,
    Module,
    Organization,
    OrganizationCodeTaken,
    OrganizationProtected,
    OrganizationStatus,
    ParentCircle,
)
from services.identity.organizations.model import (
    OrganizationRetired as IsRetired,
)
from services.identity.organizations.model import (
    organization_id as id_of,
)
from services.identity.organizations.queries import (
    find_organization_by_code,
    get_organization,
    list_aliases,
    list_by_id,
    lock_the_tree,
    supersede_aliases,
)
from services.identity.organizations.usecases import acting_within, announce_change, state_of
from services.identity.register import queries
from services.identity.register.schemas import (
    OrganizationChange,
    OrganizationCreate,
    SuspendReason,
)
from services.identity.revocations.usecases import revoke


class FocalNotMember(Invalid):
    """A focal person speaks for the organization, so they belong to it."""

    title = "The focal person needs an active membership of the organization."


class AdministratorMissing(Conflict):
    """A live organization can help itself."""

    title = "An organization goes live with at least one active administrator."


class KeyTaken(Conflict):
    """A key is for ever."""

    title = "The register has an organization with this key."


async def create_organization(uow: UnitOfWork, asked: OrganizationCreate) -> Organization:
    """Enter a body into the register; its key and id are its own for ever."""
    organization = Organization(
        id=id_of(asked.key),
        is_active=True,
        is_pilot=False,
        legacy_id=None,
        verified="no",
        acronym="",
        status=OrganizationStatus.registered.value,
        modules=[module.value for module in Module],
        edited=["code", "name", "org_type", "is_moa", "source_note"],
        **asked.model_dump(exclude={"reason"}, mode="json"),
    )
    await _refuse_taken_code(uow, organization)
    known = await list_by_id(uow.session, [organization.id])
    if known:
        raise KeyTaken
    uow.session.add(organization)
    await supersede_aliases(uow.session, uow.now())
    async with acting_within(uow, organization):
        uow.publish(OrganizationRegistered.model_validate(state_of(organization)), of=organization)
        await _record(uow, organization, "registered", asked.reason)
    return organization


async def change_organization(
    uow: UnitOfWork, organization_id: UUID, change: OrganizationChange
) -> Organization:
    """Correct an entry; what is corrected by hand no file changes back."""
    await lock_the_tree(uow.session)
    organization = await get_organization(uow.session, organization_id, lock=True)
    uow.expect(organization)
    if organization.status == OrganizationStatus.retired:
        raise IsRetired
    changes = {name: value for name, value in change.changes().items() if name != "reason"}
    if changes.get("details") is not None:
        changes["details"] = change.details.model_dump(mode="json") if change.details else {}
    await _check_focal(uow, organization, changes.get("focal_user_id"))
    before = {name: getattr(organization, name) for name in changes}
    for name, value in changes.items():
        setattr(organization, name, {} if name == "details" and value is None else value)
    _check_dates(organization)
    if "code" in changes:
        await _refuse_taken_code(uow, organization)
    await _check_parent(uow, organization)
    organization.edited = sorted({*organization.edited, *changes})
    await announce_change(uow, organization, before, change.reason)
    await supersede_aliases(uow.session, uow.now())
    return organization


async def onboard_organization(uow: UnitOfWork, organization_id: UUID, reason: str) -> Organization:
    """Begin the onboarding of an organization."""
    organization = await _lock(uow, organization_id)
    organization.onboard(uow.today())
    return await _announce(uow, organization, OrganizationOnboarded, reason)


async def go_live_organization(
    uow: UnitOfWork, organization_id: UUID, reason: str, *, wave: int | None = None
) -> Organization:
    """Let an organization begin real work, by itself or in a wave; it can help itself from now on.

    What it is told with is the number of the wave.
    """
    organization = await _lock(uow, organization_id)
    async with acting_within(uow, organization):
        admins = await count_active_admins(uow.session, organization.id)
    organization.go_live(uow.today())
    if admins == 0:
        raise AdministratorMissing
    told = {"go_live_on": organization.go_live_on, "wave": wave}
    return await _announce(uow, organization, OrganizationWentLive, reason, told)


async def suspend_organization(
    uow: UnitOfWork, organization_id: UUID, why: SuspendReason, *, protected: Iterable[str]
) -> Organization:
    """Take an organization away from everyone who acts for it, at once; its data stays.

    A second person has approved it, unless it is an emergency: the trail says which.
    """
    organization = await _lock(uow, organization_id)
    if organization.code in protected:
        raise OrganizationProtected
    organization.suspend(why.reason)
    if why.approval_id is not None:
        await use_approval(
            uow,
            why.approval_id,
            ApprovalKind.organization_suspension,
            subject_id=organization_id,
        )
    elif why.is_emergency:
        await tell_of_emergency(uow, organization, why.reason, offices=protected)
    else:
        raise ApprovalNotApproved(
            "Ask for an approval of kind organization_suspension first, or say is_emergency."
        )
    await _end_all(uow, organization, "organization suspended")
    alone = {"is_emergency": why.approval_id is None}
    return await _announce(uow, organization, OrganizationSuspended, why.reason, alone)


async def resume_organization(uow: UnitOfWork, organization_id: UUID, reason: str) -> Organization:
    """Give an organization back to its members; they sign in again."""
    organization = await _lock(uow, organization_id)
    organization.resume()
    return await _announce(uow, organization, OrganizationResumed, reason)


async def retire_organization(
    uow: UnitOfWork,
    organization_id: UUID,
    reason: str,
    *,
    protected: Iterable[str],
    approval_id: UUID | None,
) -> Organization:
    """End an organization for good, once a second person has approved; what it did stays."""
    organization = await _lock(uow, organization_id)
    if organization.code in protected:
        raise OrganizationProtected
    organization.retire(reason, uow.today())
    if approval_id is None:
        raise ApprovalNotApproved("Ask for an approval of kind organization_retirement first.")
    await use_approval(
        uow, approval_id, ApprovalKind.organization_retirement, subject_id=organization_id
    )
    await _end_all(uow, organization, "organization retired")
    return await _announce(uow, organization, OrganizationRetired, reason)


async def export_register(uow: UnitOfWork) -> list[Organization]:
    """Return the whole register for a file; the trail keeps that it was taken along."""
    found = await queries.list_all(uow.session)
    await record(uow, "register.exported", entity="organization", after={"rows": len(found)})
    return found


async def _lock(uow: UnitOfWork, organization_id: UUID) -> Organization:
    organization = await get_organization(uow.session, organization_id, lock=True)
    uow.expect(organization)
    return organization


async def _announce(
    uow: UnitOfWork,
    organization: Organization,
    kind: type[OrganizationState],
    reason: str,
    more: Mapping[str, Any] | None = None,
) -> Organization:
    """Tell what happened, with `more` about it, and the new state to who only keeps a copy."""
    async with acting_within(uow, organization):
        uow.publish(OrganizationChanged.model_validate(state_of(organization)), of=organization)
        uow.publish(kind.model_validate(state_of(organization) | dict(more or {})), of=organization)
        await _record(uow, organization, kind.subject.split(".")[2], reason, more)
    return organization


async def _record(
    uow: UnitOfWork,
    organization: Organization,
    done: str,
    reason: str,
    more: Mapping[str, Any] | None = None,
) -> None:
    await record(
        uow,
        f"organization.{done}",
        entity="organization",
        entity_id=organization.id,
        after={"code": organization.code, "status": organization.status} | dict(more or {}),
        reason=reason,
    )


async def _end_all(uow: UnitOfWork, organization: Organization, reason: str) -> None:
    await end_authorizations(uow, org_id=organization.id)
    await revoke(uow, org_id=organization.id, reason=reason)


def _check_dates(organization: Organization) -> None:
    for first, then in (
        ("onboarding_on", "go_live_on"),
        ("pilot_from", "pilot_until"),
        ("valid_from", "valid_to"),
    ):
        early, late = getattr(organization, first), getattr(organization, then)
        if early is not None and late is not None and late < early:
            raise DatesContradict(f"{then} lies before {first}.", pointer=f"/body/{then}")


async def _refuse_taken_code(uow: UnitOfWork, organization: Organization) -> None:
    with uow.session.no_autoflush:
        holder = await find_organization_by_code(uow.session, organization.code)
        aliases = await list_aliases(uow.session, organization.code)
    leads = {alias.organization_id for alias in aliases if alias.superseded_at is None}
    if (holder is not None and holder.id != organization.id) or leads - {organization.id}:
        raise OrganizationCodeTaken(
            "It is another organization's code, or still leads to one.", pointer="/body/code"
        )


async def _check_parent(uow: UnitOfWork, organization: Organization) -> None:
    if organization.parent_id is None:
        return
    with uow.session.no_autoflush:
        await get_organization(uow.session, organization.parent_id)
        if await queries.is_above(uow.session, organization.id, organization.parent_id):
            raise ParentCircle(pointer="/body/parent_id")


async def _check_focal(uow: UnitOfWork, organization: Organization, focal: UUID | None) -> None:
    if focal is None:
        return
    async with acting_within(uow, organization):
        member = await find_membership_of(uow.session, organization.id, focal)
    if member is None or not member.is_active:
        raise FocalNotMember(pointer="/body/focal_user_id")
