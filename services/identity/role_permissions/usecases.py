"""What can be done with the rights of a role that people may have already."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.grants.model import OwnGrant
from services.identity.grants.queries import list_holders
from services.identity.grants.usecases import check_duties, check_lifting, void
from services.identity.memberships.model import Membership
from services.identity.permissions.model import Entry, Source
from services.identity.role_catalogue.model import check_delegable
from services.identity.roles.events import RoleChanged, RoleRetired
from services.identity.roles.model import (
    Role,
    RolePermission,
    RolePermissionNotFound,
    RolePermissionTaken,
    entries_of_role,
)
from services.identity.roles.queries import get_role, list_all_roles
from services.identity.roles.schemas import RolePermissionCreate


async def add_role_permission(uow: UnitOfWork, role_id: UUID, body: RolePermissionCreate) -> Role:
    """Let a role grant or deny one more thing to everyone who has it."""
    role = await _role(uow, role_id)
    if any(one.pattern == body.pattern for one in role.permissions):
        raise RolePermissionTaken
    holders = await _holders(uow, role_id)
    if not body.is_denial:
        check_delegable(uow.actor, [body.pattern])
        entry = Entry(body.pattern, Source.role, role.name)
        for holder in holders:
            await check_duties(uow, holder, [entry])
    role.permissions.append(RolePermission(**body.model_dump()))
    await _role_changed(uow, role, after=body.model_dump())
    if body.is_denial:
        await _void(uow, holders, "a role denies more")
    return role


async def remove_role_permission(uow: UnitOfWork, role_id: UUID, permission_id: UUID) -> Role:
    """Let a role say one thing less; taking off a denial is giving, and needs as much."""
    role = await _role(uow, role_id)
    found = next((one for one in role.permissions if one.id == permission_id), None)
    if found is None:
        raise RolePermissionNotFound
    holders = await _holders(uow, role_id)
    if found.is_denial:
        check_delegable(uow.actor, [found.pattern])
    role.permissions.remove(found)
    before = {"pattern": found.pattern, "is_denial": found.is_denial}
    await _role_changed(uow, role, before=before)
    if not found.is_denial:
        await _void(uow, holders, "a role grants less")
    return role


async def retire_role(uow: UnitOfWork, role_id: UUID, reason: str) -> Role:
    """Take a role out of use; whoever has it holds nothing by it any more."""
    role = await _role(uow, role_id)
    holders = await _holders(uow, role_id)
    known = await list_all_roles(uow.session, uow.actor.org_id)
    check_lifting(uow, list(entries_of_role(known, role_id, uow.now())))
    role.retire(uow.now())
    uow.publish(RoleRetired.model_validate(role), of=role)
    await record(uow, "role.retired", entity="role", entity_id=role.id, reason=reason)
    await _void(uow, holders, "a role was retired")
    return role


async def _role(uow: UnitOfWork, role_id: UUID) -> Role:
    role = await get_role(uow.session, role_id, lock=True)
    uow.expect(role)
    role.check_in_use()
    return role


async def _holders(uow: UnitOfWork, role_id: UUID) -> list[Membership]:
    """Return who has the role or one below it; the actor may not be among them."""
    known = await list_all_roles(uow.session, uow.actor.org_id)
    family = {role_id}
    while grown := {one.id for one in known.values() if one.parent_id in family} - family:
        family |= grown
    holders = await list_holders(uow.session, family, uow.now())
    if any(holder.user_id == uow.actor.user_id for holder in holders):
        raise OwnGrant
    return holders


async def _role_changed(
    uow: UnitOfWork,
    role: Role,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    role.touch(uow.now())
    await uow.session.flush()
    uow.publish(RoleChanged.model_validate(role), of=role)
    await record(uow, "role.changed", entity="role", entity_id=role.id, before=before, after=after)


async def _void(uow: UnitOfWork, holders: list[Membership], reason: str) -> None:
    await void(uow, [holder.user_id for holder in holders], reason)
