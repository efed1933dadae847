"""What can be asked about rights: what a person may do in an organization now, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.grants.model import PermissionGrant, RoleGrant
from services.identity.grants.queries import list_running_out
from services.identity.organizations.queries import find_organization_by_code
from services.identity.rights import queries
from services.identity.rights.model import (
    Facts,
    NotYourMatter,
    PersonNotFound,
    Rights,
    decide,
    rights_of,
)
from services.identity.rights.schemas import (
    CheckRead,
    HolderRead,
    HoldersRead,
    RunningOutRead,
    StepRead,
    running_out,
)
from services.identity.sessions.model import MULTI_FACTOR
from services.identity.users.model import UserNotFound
from services.identity.users.usecases import become


async def evaluate(uow: UnitOfWork, user_id: UUID, org_id: UUID) -> Rights | None:
    """Return what a person may do in an organization now; None when they do not act for it.

    Every token is made from this and from nothing else.
    """
    facts = await facts_about(uow, user_id, org_id)
    return rights_of(facts) if facts.acts else None


async def lacks_factor(uow: UnitOfWork, user_id: UUID, org_id: UUID, *, acr: str) -> bool:
    """Tell whether a person's rights ask for more than their session has shown."""
    if acr == MULTI_FACTOR:
        return False
    rights = await evaluate(uow, user_id, org_id)
    return rights is not None and rights.requires_mfa


async def facts_about(uow: UnitOfWork, user_id: UUID, org_id: UUID) -> Facts:
    """Return what decides about a person in an organization, whoever asks."""
    async with _within(uow, org_id):
        return await queries.find_facts(uow.session, user_id, org_id, uow.now())


async def get_check(
    uow: UnitOfWork, person: UUID | None, permission: str, organization: str | None
) -> CheckRead:
    """Tell whether someone may do something, and why: of oneself always, of others with rights."""
    actor = uow.actor
    person = person or actor.user_id
    code = (organization or actor.org_code).upper()
    here, own = code == actor.org_code, person == actor.user_id
    if not (own or actor.may("identity.user.read") or (here and actor.may("identity.grant.read"))):
        raise NotYourMatter
    found = await find_organization_by_code(uow.session, code)
    if found is None:
        raise NotYourMatter
    try:
        facts = await facts_about(uow, person, found.id)
    except UserNotFound:
        raise PersonNotFound from None
    if not (own or facts.is_member or actor.may("identity.user.read")):
        # Whether someone of another organization exists is not told.
        raise PersonNotFound
    decision = decide(facts, permission)
    return CheckRead(
        person_id=person,
        organization_code=found.code,
        permission=permission,
        allowed=decision.allowed,
        why=decision.why,
        for_user_id=decision.for_user_id,
        steps=[StepRead.model_validate(step) for step in decision.steps],
    )


async def list_holders(uow: UnitOfWork, permission: str) -> HoldersRead:
    """Tell which members may do one thing, and by what."""
    holders = []
    for membership, facts in await queries.list_facts(uow.session, uow.actor.org_id, uow.now()):
        decision = decide(facts, permission)
        if decision.allowed:
            holders.append(
                HolderRead(
                    membership_id=membership.id,
                    user_id=membership.user_id,
                    full_name=membership.full_name,
                    why=decision.why,
                    for_user_id=decision.for_user_id,
                )
            )
    return HoldersRead(permission=permission, holders=holders)


async def list_expiring(uow: UnitOfWork, days: int) -> RunningOutRead:
    """Tell which roles, rights and denials end by themselves within some days."""
    before = uow.now() + timedelta(days=days)
    roles = await list_running_out(uow.session, RoleGrant, before, uow.now())
    singles = await list_running_out(uow.session, PermissionGrant, before, uow.now())
    found = [*map(running_out, roles), *map(running_out, singles)]
    return RunningOutRead(before=before, grants=sorted(found, key=lambda one: one.expires_at))


@asynccontextmanager
async def _within(uow: UnitOfWork, org_id: UUID) -> AsyncIterator[None]:
    """Look at an organization's rows, then be again who asked."""
    if uow.actor.org_id == org_id:
        yield
        return
    asking = uow.actor
    await become(uow, Actor.system(org_id))
    try:
        yield
    finally:
        await become(uow, asking)
