"""What can be asked about rights: what a person may do in an organization now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.rights import queries
from services.identity.rights.model import Facts, Rights, rights_of
from services.identity.users.usecases import become


async def evaluate(uow: UnitOfWork, user_id: UUID, org_id: UUID) -> Rights | None:
    """Return what a person may do in an organization now; None when they do not act for it.

    Every token is made from this and from nothing else.
    """
    facts = await facts_about(uow, user_id, org_id)
    return rights_of(facts) if facts.acts else None


async def facts_about(uow: UnitOfWork, user_id: UUID, org_id: UUID) -> Facts:
    """Return what decides about a person in an organization, whoever asks."""
    async with _within(uow, org_id):
        return await queries.find_facts(uow.session, user_id, org_id, uow.now())


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
