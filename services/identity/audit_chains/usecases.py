"""What can be done with chains: link what is new, sign how far it came, hand a trail out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.audit_chains import queries
from services.identity.audit_chains.model import (
    AuditHead,
    AuditKey,
    AuditLink,
    chained,
    form_of,
)
from services.identity.audit_events.queries import serve
from services.identity.audit_events.usecases import record

KEEPER = Actor.system(UUID(int=0))
HEADS_AT_ONCE = 100
PAGE = 1000


async def link_events(database: Database) -> bool:
    """Give events that were recorded their place in their trails; tells whether more may wait.

    One worker links one trail at a time, so that recording never waits for another recording.
    """
    async with database.unit_of_work(KEEPER) as uow:
        waiting = await queries.take_waiting(uow.session)
        by_trail = groupby(sorted(waiting, key=itemgetter(0)), key=itemgetter(0))
        for org_id, pairs in by_trail:
            await serve(uow.session, org_id)
            await _link(uow, org_id, sorted(event_id for _, event_id in pairs))
        await serve(uow.session, uow.actor.org_id)
        await queries.forget_waiting(uow.session, [event_id for _, event_id in waiting])
    return len(waiting) == queries.MOST_AT_ONCE


async def _link(uow: UnitOfWork, org_id: UUID, event_ids: list[UUID]) -> None:
    chain = await queries.get_chain(uow.session, org_id)
    events = await queries.get_events(uow.session, org_id, event_ids)
    for event_id in event_ids:
        chain.seq += 1
        form = form_of(chain.seq, event_id, org_id, events.get(event_id))
        chain.hash = chained(chain.hash, form)
        uow.session.add(AuditLink(org_id=org_id, seq=chain.seq, event_id=event_id, hash=chain.hash))
    await uow.session.flush()


async def sign_heads(database: Database) -> bool:
    """Sign how far each trail came since the last time; tells whether more may wait."""
    async with database.unit_of_work(KEEPER) as uow:
        chains = await queries.list_unsigned(uow.session, HEADS_AT_ONCE)
        key = await _key(uow) if chains else None
        for chain in chains:
            assert key is not None
            claims = {"org": str(chain.trail_id), "seq": chain.seq, "hash": chain.hash}
            statement = key.sign(
                {**claims, "iat": int(uow.now().timestamp())}, uow.session.info["sealer"]
            )
            await serve(uow.session, chain.trail_id)
            chain.signed_seq = chain.seq
            uow.session.add(
                AuditHead(
                    org_id=chain.trail_id, seq=chain.seq, hash=chain.hash, statement=statement
                )
            )
            await uow.session.flush()
        await serve(uow.session, uow.actor.org_id)
    return len(chains) == HEADS_AT_ONCE


async def _key(uow: UnitOfWork) -> AuditKey:
    known = await queries.list_keys(uow.session)
    if known:
        return known[0]
    await queries.lock_keys(uow.session)
    known = await queries.list_keys(uow.session)
    if known:
        return known[0]
    key = AuditKey.generate(uow.session.info["sealer"])
    uow.session.add(key)
    await uow.session.flush()
    return key


async def publish_audit_keys(uow: UnitOfWork) -> dict[str, list[dict[str, Any]]]:
    """Return the keys by which everyone can check heads, of whatever age."""
    return {"keys": [key.public_jwk for key in await queries.list_keys(uow.session)]}


async def record_export(uow: UnitOfWork, lines: int) -> None:
    """Keep that a whole trail was taken out, and by whom."""
    await record(uow, "audit_trail.exported", entity="audit_trail", after={"lines": lines})


async def export_trail(uow: UnitOfWork, org_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """Yield a whole trail, line by line, as the verifier reads it.

    The trail's organization must be the one that the transaction serves.
    """
    yield {"kind": "trail", "org_id": str(org_id), "exported_at": uow.now().isoformat()}
    for key in await queries.list_keys(uow.session):
        yield {"kind": "key", "jwk": key.public_jwk}
    seq = 0
    while linked := await queries.list_linked(uow.session, org_id, seq, PAGE):
        for link, event in linked:
            form = form_of(link.seq, link.event_id, org_id, event)
            yield {"kind": "event", "hash": link.hash, **form}
        seq = linked[-1][0].seq
    for event in await queries.list_unlinked(uow.session, org_id, PAGE):
        yield {"kind": "unlinked", **form_of(0, event.id, org_id, event)}
    seq = 0
    while heads := await queries.list_heads(uow.session, org_id, seq, PAGE):
        for head in heads:
            yield {"kind": "head", "statement": head.statement}
        seq = heads[-1].seq
