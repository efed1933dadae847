"""What can be done with an organization's own roles: make one, rename it, retire it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.permissions.model import Entry
from services.identity.role_catalogue.model import (
    FUNCTIONAL,
    ROLES,
    check_delegable,
    functional_entries,
    pattern_of,
    shipped_entries,
)
from services.identity.roles import events, queries
from services.identity.roles.model import (
    Role,
    RoleNameTaken,
    RoleNotFound,
    RolePermission,
    entries_of_role,
    parted,
)
from services.identity.roles.schemas import (
    ComparedRole,
    RoleChange,
    RoleComparison,
    RoleCreate,
    RolePermissionCreate,
)


async def create_role(uow: UnitOfWork, body: RoleCreate) -> Role:
    """Make a role out of rights that are the maker's to give; nobody has it yet."""
    if body.slug in {*FUNCTIONAL, *ROLES} or await queries.find_role_by_slug(
        uow.session, body.slug
    ):
        raise RoleNameTaken
    await _check_parent(uow, body.parent_key, body.parent_id)
    check_delegable(uow.actor, (one.pattern for one in body.permissions if not one.is_denial))
    role = Role(
        **body.model_dump(exclude={"permissions"}),
        permissions=[RolePermission(**one.model_dump()) for one in _once(body)],
    )
    uow.session.add(role)
    await uow.session.flush()
    uow.publish(events.RoleCreated.model_validate(role), of=role)
    await record(uow, "role.created", entity="role", entity_id=role.id, after=body.model_dump())
    return role


async def change_role(uow: UnitOfWork, role_id: UUID, change: RoleChange) -> Role:
    """Rename a role; whoever has it keeps it."""
    role = await queries.get_role(uow.session, role_id, lock=True)
    uow.expect(role)
    role.check_in_use()
    before = {name: getattr(role, name) for name in change.changes()}
    for name, value in change.changes().items():
        setattr(role, name, value)
    uow.publish(events.RoleChanged.model_validate(role), of=role)
    await record(
        uow,
        "role.changed",
        entity="role",
        entity_id=role.id,
        before=before,
        after=change.changes(),
    )
    return role


async def compare_roles(uow: UnitOfWork, first: str, second: str) -> RoleComparison:
    """Put two roles side by side, shipped or the organization's own, as they stand now."""
    one_name, one = await _said_by(uow, first, "first")
    other_name, other = await _said_by(uow, second, "second")
    grants = parted(*([e.pattern for e in side if not e.is_denial] for side in (one, other)))
    denials = parted(*([e.pattern for e in side if e.is_denial] for side in (one, other)))
    names = ((first, one_name), (second, other_name))
    sides = [
        ComparedRole(role=role, name=name, only_grants=[*grants[nth]], only_denials=[*denials[nth]])
        for nth, (role, name) in enumerate(names)
    ]
    return RoleComparison(
        first=sides[0], second=sides[1], both_grant=[*grants[2]], both_deny=[*denials[2]]
    )


async def _said_by(uow: UnitOfWork, role: str, asked: str) -> tuple[str, list[Entry]]:
    """Return a role's name, and what it grants and denies."""
    if role in FUNCTIONAL:
        return FUNCTIONAL[role].title, [*functional_entries(role)]
    if role in ROLES:
        return role.capitalize(), [*shipped_entries(role)]
    own = await queries.find_role_by_slug(uow.session, role)
    if own is None:
        raise RoleNotFound(
            "Name a shipped role of the catalogue, or the slug of one of your own.",
            pointer=f"/query/{asked}",
        )
    own.check_in_use()
    known = await queries.list_all_roles(uow.session, uow.actor.org_id)
    return own.name, [*entries_of_role(known, own.id, uow.now())]


async def _check_parent(uow: UnitOfWork, key: str | None, parent_id: UUID | None) -> None:
    # A role hands down everything of its parents: that must be the maker's to give as well.
    if key is not None:
        check_delegable(uow.actor, pattern_of(key))
    if parent_id is not None:
        parent = await queries.get_role(uow.session, parent_id)
        parent.check_in_use()
        known = await queries.list_all_roles(uow.session, uow.actor.org_id)
        check_delegable(
            uow.actor,
            (
                entry.pattern
                for entry in entries_of_role(known, parent_id, uow.now())
                if not entry.is_denial
            ),
        )


def _once(body: RoleCreate) -> Iterable[RolePermissionCreate]:
    """Yield each permission once, whatever was sent twice."""
    return {one.pattern: one for one in body.permissions}.values()
