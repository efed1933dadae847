"""What can be done with organizations: switch a module, and announce what was changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from libs.chassis.paging import ListParams, Rows
from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.organizations import queries
from services.identity.organizations.events import (
    OrganizationChanged,
    OrganizationModuleChanged,
    OrganizationRenamed,
    OrganizationState,
)
from services.identity.organizations.model import (
    Module,
    ModuleActivation,
    Organization,
    OrganizationCorrection,
    OrganizationNotFound,
)
from services.identity.organizations.schemas import OrganizationFound
from services.identity.revocations.usecases import revoke
from services.identity.users.usecases import become


async def enable_module(
    uow: UnitOfWork, organization_id: UUID, module: Module, reason: str
) -> Organization:
    """Switch a module on for an organization; its members have it with their next token."""
    organization = await _lock(uow, organization_id)
    organization.enable_module(module)
    await _record_switch(uow, organization, module=module, enabled=True, reason=reason)
    return organization


async def disable_module(
    uow: UnitOfWork, organization_id: UUID, module: Module, reason: str
) -> Organization:
    """Switch a module off for an organization; within seconds no token lets its members use it."""
    organization = await _lock(uow, organization_id)
    organization.disable_module(module)
    await revoke(uow, org_id=organization.id, reason=f"the module {module} was switched off")
    await _record_switch(uow, organization, module=module, enabled=False, reason=reason)
    return organization


@asynccontextmanager
async def acting_within(uow: UnitOfWork, organization: Organization) -> AsyncIterator[None]:
    """Write rows and events of another organization, as an operator; the author stays who it is."""
    before = uow.actor
    await become(uow, replace(before, org_id=organization.id, org_code=organization.code))
    yield
    await become(uow, before)


async def _lock(uow: UnitOfWork, organization_id: UUID) -> Organization:
    organization = await queries.get_organization(uow.session, organization_id, lock=True)
    uow.expect(organization)
    return organization


async def _record_switch(
    uow: UnitOfWork, organization: Organization, *, module: Module, enabled: bool, reason: str
) -> None:
    announced = OrganizationModuleChanged(**state_of(organization), module=module, enabled=enabled)
    async with acting_within(uow, organization):
        uow.session.add(ModuleActivation(module=module.value, enabled=enabled, reason=reason))
        uow.publish(announced, of=organization)
        await record(
            uow,
            "module.enabled" if enabled else "module.disabled",
            entity="organization",
            entity_id=organization.id,
            after={"module": module.value, "enabled": enabled},
            reason=reason,
        )


async def find_by_code(uow: UnitOfWork, code: str) -> OrganizationFound:
    """Tell whose code it is or was; a current code wins over what others had before."""
    current = await queries.find_organization_by_code(uow.session, code)
    former = await queries.list_aliases(uow.session, code)
    if current is None:
        leading = {alias.organization_id for alias in former if alias.superseded_at is None}
        if len(leading) != 1:
            raise OrganizationNotFound
        (found,) = leading
        current = await queries.get_organization(uow.session, found)
        return OrganizationFound(id=current.id, code=current.code, name=current.name, notice="")
    others = {alias.organization_id for alias in former} - {current.id}
    known = await queries.list_by_id(uow.session, others)
    notice = ", ".join(f"{other.name} ({other.code})" for other in known.values())
    return OrganizationFound(
        id=current.id,
        code=current.code,
        name=current.name,
        notice=f"Until its code was changed this was the code of {notice}." if notice else "",
    )


async def list_switches(
    uow: UnitOfWork, organization_id: UUID, params: ListParams
) -> Rows[ModuleActivation]:
    """Show the history of an organization's module switches."""
    organization = await queries.get_organization(uow.session, organization_id)
    async with acting_within(uow, organization):
        return await queries.list_module_activations(uow.session, params)


def state_of(organization: Organization) -> dict[str, Any]:
    """Return what every event tells of an organization."""
    return {name: getattr(organization, name) for name in OrganizationState.model_fields}


async def announce_change(
    uow: UnitOfWork, organization: Organization, before: Mapping[str, Any], reason: str
) -> bool:
    """Keep what really changed since `before` in the register's history, and tell everyone.

    A code that was given up leads to the new one from now on, unless somebody else has it.
    """
    changes = {
        name: (was, getattr(organization, name))
        for name, was in before.items()
        if was != getattr(organization, name)
    }
    if not changes:
        return False
    told = {name: [_plain(was), _plain(now)] for name, (was, now) in changes.items()}
    uow.session.add(
        OrganizationCorrection(
            organization_id=organization.id,
            changes=told,
            reason=reason,
            by=uow.actor.user_id,
            at=uow.now(),
        )
    )
    if "code" in changes:
        await queries.keep_alias(uow.session, organization.id, changes["code"][0], uow.now())
    async with acting_within(uow, organization):
        _publish(uow, organization, before)
        await record(
            uow,
            "organization.changed",
            entity="organization",
            entity_id=organization.id,
            before={name: was for name, (was, _) in told.items()},
            after={name: now for name, (_, now) in told.items()},
            reason=reason,
        )
    return True


def _publish(uow: UnitOfWork, organization: Organization, before: Mapping[str, Any]) -> None:
    state = state_of(organization)
    uow.publish(OrganizationChanged.model_validate(state), of=organization)
    old_code = before.get("code", organization.code)
    old_name = before.get("name", organization.name)
    if (old_code, old_name) != (organization.code, organization.name):
        renamed = OrganizationRenamed(**state, old_code=old_code, old_name=old_name)
        uow.publish(renamed, of=organization)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | UUID) else value
