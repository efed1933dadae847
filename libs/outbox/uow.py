"""UnitOfWork: one transaction of one actor, in which rows and events stand or fall together."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import MetaData, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from libs.outbox.event import Event
from libs.refusals import Forbidden, Stale
from libs.tenancy.actor import Actor
from libs.tenancy.connections import driver_of
from libs.tenancy.rows import MANILA, TenantOwned

current_traceparent: ContextVar[str] = ContextVar("current_traceparent", default="")
"""The W3C trace context of the request or event being worked on."""

current_address: ContextVar[str] = ContextVar("current_address", default="")
"""The network address of whoever sent the request being worked on."""


def utc_now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)


class BeyondTheAbsent(Forbidden):
    """Who stands in for somebody does no more than that person could do now."""

    title = "Whom you stand in for could not do this: they prepared it, or its state forbids it."


class Aggregate(Protocol):
    """A mapped row with an identity and a version: what an event can be about."""

    metadata: ClassVar[MetaData]

    @property
    def id(self) -> Any:
        """The UUID of the row."""

    @property
    def version(self) -> Any:
        """How often the row has changed, from 1."""


@dataclass(slots=True)
class UnitOfWork:
    """What a use case works with: the session, the actor, the clock, and `publish`.

    `expected_version` is what the caller last saw of the record (If-Match), or None. The edge
    that opened the unit commits it; application code never does. `permission` is the one that
    the request needed and has.
    """

    session: AsyncSession
    actor: Actor
    clock: Callable[[], datetime] = utc_now
    expected_version: int | None = None
    permission: str = ""
    result: object = None
    _staged: list[tuple[Event, Aggregate]] = field(default_factory=list)
    _has_stood_in: bool = False

    def __post_init__(self) -> None:
        """Bind the session to the actor: from here on it sees that organization's rows only."""
        self.session.info["actor"] = self.actor
        self.session.info["now"] = self.clock()

    def now(self) -> datetime:
        """Return the instant of this unit of work: one instant for all that it writes."""
        now: datetime = self.session.info["now"]
        return now

    def today(self) -> date:
        """Return the day of that instant in Manila, by which the government counts."""
        return self.now().astimezone(MANILA).date()

    def publish(self, event: Event, *, of: Aggregate) -> None:
        """Stage an event about the aggregate `of`; it is written in this transaction."""
        self._staged.append((event, of))

    def expect(self, row: Aggregate) -> None:
        """Refuse with Stale (412) when the caller acts on an older version of `row`."""
        if self.expected_version is not None and row.version != self.expected_version:
            raise Stale("Read the record again, then repeat the change with its new ETag.")
        if self.stands_in_for is not None and isinstance(row, TenantOwned):
            self._act_for(row, self.stands_in_for)

    @property
    def stands_in_for(self) -> UUID | None:
        """For whom the actor does this, while that person is away; None for themselves."""
        return self.actor.stands_in_for(self.permission)

    def _check_stood_in(self) -> None:
        """Refuse what was done in somebody's place without having asked whether they could."""
        if self.stands_in_for is not None and not self._has_stood_in:
            raise BeyondTheAbsent("Nobody can stand in for this.")

    def _act_for(self, row: TenantOwned, absent: UUID) -> None:
        """Refuse what the absent person could not do either; keep who did it, and for whom.

        Every decision looks at its record through `expect` before it changes it, so that this is
        the one place where standing in for somebody is bounded and remembered.
        """
        noun, _, verb = self.permission.rpartition(".")
        away = replace(self.actor, user_id=absent)
        keep = self.session.info.get("keep_acts_for")
        if keep is None or row.noun != noun or verb not in row.open_actions(away):
            raise BeyondTheAbsent
        self.session.add(keep(permission=self.permission, subject_id=row.id, for_user_id=absent))
        self._has_stood_in = True

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Open a part that stands or falls by itself: what fails takes its rows and events back."""
        before = len(self._staged)
        try:
            async with self.session.begin_nested():
                yield
                await self.session.flush()
        except BaseException:
            del self._staged[before:]
            raise

    async def flush(self) -> None:
        """Write the rows, then their events with the versions that the rows have now."""
        self._check_stood_in()
        await self.session.flush()
        if self._staged:
            outbox, rows = self._take_staged()
            await self.session.execute(insert(outbox).inline(), rows)

    async def commit(self) -> None:
        """Write the rows; their events go out with the COMMIT, for which others may wait."""
        self._check_stood_in()
        await self.session.flush()
        if self._staged:
            connection = (await self.session.connection()).sync_connection
            driver = driver_of(connection) if connection else None
            if driver and driver.is_in_transaction():
                driver.close_next_with(_written_out(*self._take_staged()))
            else:
                await self.flush()  # nothing began a transaction: there is no COMMIT to go with
        await self.session.commit()

    def _take_staged(self) -> tuple[Table, list[dict[str, Any]]]:
        staged, self._staged = self._staged, []
        outbox = _outbox_of(staged[0][1])
        return outbox, [self._row(event, of) for event, of in staged]

    def _row(self, event: Event, of: Aggregate) -> dict[str, Any]:
        return {
            "event_id": uuid7(),
            "org_id": self.actor.org_id,
            "actor_id": self.actor.user_id,
            "subject": event.subject,
            "aggregate_id": of.id,
            "aggregate_version": of.version,
            "data": event.model_dump(mode="json"),
            "traceparent": current_traceparent.get(),
            "occurred_at": self.now(),
        }


def _written_out(outbox: Table, rows: list[dict[str, Any]]) -> str:
    """Return the INSERT as a command without parameters: all values are one literal of ASCII."""
    told = json.dumps(rows, default=str).replace("\\", "\\\\").replace("'", "''")
    names = ", ".join(rows[0])
    return (
        f"INSERT INTO {outbox} ({names})"
        f" SELECT {names} FROM json_populate_recordset(NULL::{outbox}, E'{told}')"
    )


def _outbox_of(row: Aggregate) -> Table:
    return row.metadata.tables[f"{row.metadata.schema}.outbox"]
