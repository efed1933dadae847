"""What the worker does in the tests of the application: events of the outbox are applied."""

from __future__ import annotations

import json

import asyncpg
from fastapi import FastAPI

from libs.chassis.testing import ServiceDatabase
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import Inbox
from services.budgeting.db import Base
from services.budgeting.worker import SUBSCRIBERS


async def take_effect(app: FastAPI, database: ServiceDatabase) -> list[str]:
    """Apply every event of the log, each once, until none is new; return all subjects."""
    inbox = Inbox(Base.metadata, app.state.database.sessions, SUBSCRIBERS)
    connection = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=json.loads)
    told: list[str] = []
    try:
        while rows := await _after(connection, len(told)):
            for row in rows:
                told.append(row["subject"])
                await inbox.apply(_received(row, len(told)))
    finally:
        await connection.close()
    return told


async def _after(connection: asyncpg.Connection, position: int) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await connection.fetch(
        "SELECT * FROM budgeting.outbox ORDER BY position OFFSET $1", position
    )
    return found


def _received(row: asyncpg.Record, number: int) -> ReceivedEvent:
    meta = EventMeta(
        event_id=row["event_id"],
        source="budgeting",
        source_seq=number,
        subject=row["subject"],
        org_id=row["org_id"],
        actor_id=row["actor_id"],
        aggregate_id=row["aggregate_id"],
        aggregate_version=row["aggregate_version"],
        occurred_at=row["occurred_at"],
    )
    return ReceivedEvent(meta, row["data"])
