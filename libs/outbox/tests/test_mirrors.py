"""Mirrors: the newest state that was announced, whatever the order of the announcements."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg

from libs.chassis.database import Database
from libs.outbox.mirrors import mirror, mirror_public
from libs.outbox.tests.reading import MOH, an_event
from libs.tenancy.actor import Actor
from libs.tests.lending import Book, Library


def a_book(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Remembered",
        "copies": 3,
        "price_amount": Decimal("1.00"),
        "bought_on": date(2026, 1, 1),
        "read_at": datetime(2026, 1, 1, tzinfo=UTC),
        "shelf_id": uuid4(),
        **changes,
    }


async def test_the_newest_version_is_remembered_in_whatever_order_versions_come(
    connections: Database, administrator: asyncpg.Connection
) -> None:
    aggregate = uuid4()
    for version, copies in ((2, 5), (1, 9), (2, 8), (3, 0)):
        meta = an_event(aggregate_id=aggregate, aggregate_version=version).meta
        async with connections.unit_of_work(Actor.system(MOH)) as uow:
            await mirror(uow, meta, Book, a_book(copies=copies))
        row = await administrator.fetchrow("SELECT org_id, id, version, copies FROM lending.books")
        newest = {2: 5, 1: 5, 3: 0}[version]
        assert (row["org_id"], row["id"], row["copies"]) == (MOH, aggregate, newest)
    assert row["version"] == 3


async def test_what_is_public_is_remembered_for_nobody_in_the_same_way(
    connections: Database, administrator: asyncpg.Connection
) -> None:
    for version, name in ((2, "Second"), (1, "First"), (3, "Third")):
        meta = an_event(aggregate_version=version).meta
        async with connections.unit_of_work(Actor.system(MOH)) as uow:
            await mirror_public(uow, meta, Library, {"name": name}, version="told_version")
        row = await administrator.fetchrow("SELECT * FROM lending.libraries")
        newest = {2: "Second", 1: "Second", 3: "Third"}[version]
        assert tuple(row) == (MOH, newest, max(version, 2))
