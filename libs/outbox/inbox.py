"""The inbox: applies each event of other services exactly once, and fills what delivery missed.

A consumer reads the whole log of each source it listens to, so that a hole in `source_seq` is
visible; the hole is fetched from the source's outbox, which is the real log.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import MetaData, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.uow import UnitOfWork, current_traceparent
from libs.tenancy.actor import Actor

RETRY_DELAYS = (1, 5, 30, 120, 600)
PARK_AFTER = 8

log = logging.getLogger("bmms.inbox")

Handler = Callable[..., Awaitable[None]]
HandlerT = TypeVar("HandlerT", bound=Handler)


def subscriber(subject: str) -> Callable[[HandlerT], HandlerT]:
    """Mark `async def f(event: Model, uow: UnitOfWork[, meta: EventMeta])` as applying `subject`.

    `Model` declares only the fields read here and ignores the rest. The unit of work runs for
    the event's organization, and commits together with the inbox row.
    """

    def mark(function: HandlerT) -> HandlerT:
        function.__dict__["subject"] = subject
        return function

    return mark


@dataclass(frozen=True, slots=True)
class _Subscription:
    function: Handler
    model: type[BaseModel]
    wants_meta: bool

    async def deliver(self, event: ReceivedEvent, uow: UnitOfWork) -> None:
        body = self.model.model_validate(event.data)
        if self.wants_meta:
            await self.function(body, uow, event.meta)
        else:
            await self.function(body, uow)


def subscriptions(modules: Iterable[ModuleType]) -> dict[str, list[_Subscription]]:
    """Collect the marked functions of the given `subscribers` modules by subject."""
    found: dict[str, list[_Subscription]] = {}
    for module in modules:
        for function in vars(module).values():
            subject = getattr(function, "__dict__", {}).get("subject")
            if subject is None or not inspect.iscoroutinefunction(function):
                continue
            hints = get_type_hints(function)
            parameters = list(inspect.signature(function).parameters)
            model = hints[parameters[0]]
            found.setdefault(subject, []).append(
                _Subscription(function, model, EventMeta in hints.values())
            )
    return found


class NotYet(Exception):
    """An event failed a moment ago; `delay` is in how many seconds to try it again."""

    def __init__(self, delay: float) -> None:
        """Take the seconds to wait."""
        super().__init__(f"try again in {delay:.0f} s")
        self.delay = delay


class Inbox:
    """Applies events for one consuming service, each in one transaction, each once."""

    def __init__(
        self,
        metadata: MetaData,
        sessions: async_sessionmaker[AsyncSession],
        modules: Iterable[ModuleType],
    ) -> None:
        """Take the service's metadata (with the outbox tables), sessions and subscribers."""
        self._sessions = sessions
        self._subscriptions = subscriptions(modules)
        schema = metadata.schema
        self._inbox = metadata.tables[f"{schema}.inbox"]
        self._parked = metadata.tables[f"{schema}.parked_events"]
        self._checkpoints = metadata.tables[f"{schema}.checkpoints"]
        self._advance = text(_ADVANCE.format(schema=schema))
        self._failures: dict[UUID, tuple[int, float]] = {}

    @property
    def sources(self) -> list[str]:
        """The services whose logs this inbox reads."""
        return sorted({subject.split(".", 1)[0] for subject in self._subscriptions})

    async def apply(self, event: ReceivedEvent) -> None:
        """Apply one event, or nothing if it was applied before; raises NotYet after a failure."""
        attempts, retry_at = self._failures.get(event.meta.event_id, (0, 0.0))
        if retry_at > time.monotonic():
            raise NotYet(retry_at - time.monotonic())
        token = current_traceparent.set(event.meta.traceparent)
        try:
            await self._apply_once(event)
        except ValidationError as error:
            await self._park(event, repr(error.errors(include_input=False)), attempts + 1)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise NotYet(RETRY_DELAYS[0]) from error
            log.exception("event failed", extra={"event_id": str(event.meta.event_id)})
            if attempts + 1 >= PARK_AFTER:
                await self._park(event, repr(error), attempts + 1)
            else:
                delay = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS) - 1)]
                self._failures[event.meta.event_id] = (attempts + 1, time.monotonic() + delay)
                raise NotYet(delay) from error
        finally:
            current_traceparent.reset(token)
        self._failures.pop(event.meta.event_id, None)

    async def _apply_once(self, event: ReceivedEvent) -> None:
        async with self._sessions() as session:
            uow = UnitOfWork(session, Actor.system(event.meta.org_id))
            if await self._is_new(session, event.meta):
                for subscription in self._subscriptions.get(event.meta.subject, []):
                    await subscription.deliver(event, uow)
                await uow.flush()
            await session.commit()
            log.info(
                "event applied",
                extra={"subject": event.meta.subject, "source_seq": event.meta.source_seq},
            )

    async def _is_new(self, session: AsyncSession, meta: EventMeta) -> bool:
        fresh = await session.scalar(
            insert(self._inbox)
            .values(
                event_id=meta.event_id,
                source=meta.source,
                source_seq=meta.source_seq,
                traceparent=meta.traceparent,
            )
            .on_conflict_do_nothing()
            .returning(self._inbox.c.event_id)
        )
        if fresh is not None:
            await session.execute(self._advance, {"source": meta.source, "at": meta.occurred_at})
        return fresh is not None

    async def _park(self, event: ReceivedEvent, reason: str, attempts: int) -> None:
        """Put an event aside for an operator, and count it as seen: the log goes on."""
        async with self._sessions() as session:
            uow = UnitOfWork(session, Actor.system(event.meta.org_id))
            if await self._is_new(uow.session, event.meta):
                await session.execute(
                    insert(self._parked).values(
                        event_id=event.meta.event_id,
                        envelope=_plain(event),
                        reason=reason,
                        attempts=attempts,
                    )
                )
            await session.commit()
        log.error("event parked", extra={"event_id": str(event.meta.event_id)})

    async def applied_seq(self, source: str) -> int:
        """Return up to which number the log of `source` is applied without a hole."""
        async with self._sessions() as session:
            found = await session.scalar(
                self._checkpoints.select()
                .with_only_columns(self._checkpoints.c.applied_seq)
                .where(self._checkpoints.c.source == source)
            )
            return int(found or 0)

    async def confirm(self, source: str, *, head_seq: int, at: datetime | None) -> None:
        """Record the source's head, and at which instant nothing was missing."""
        row = {"source": source, "head_seq": head_seq}
        if at is not None:
            row |= {"confirmed_at": at}
        statement = insert(self._checkpoints).values(**row)
        async with self._sessions() as session:
            await session.execute(
                statement.on_conflict_do_update(
                    index_elements=["source"],
                    set_={name: statement.excluded[name] for name in row if name != "source"},
                )
            )
            await session.commit()


def _plain(event: ReceivedEvent) -> Mapping[str, Any]:
    meta = event.meta
    names = [name for name in meta.__slots__ if name != "source_seq"]
    envelope = {name: str(getattr(meta, name)) for name in names}
    return {**envelope, "source_seq": meta.source_seq, "data": event.data}


_ADVANCE = """
WITH RECURSIVE run(seq) AS (
    SELECT coalesce((SELECT applied_seq FROM {schema}.checkpoints WHERE source = :source), 0)
    UNION ALL
    SELECT seq + 1 FROM run
    WHERE EXISTS (
        SELECT 1 FROM {schema}.inbox WHERE source = :source AND source_seq = run.seq + 1
    )
)
INSERT INTO {schema}.checkpoints (source, applied_seq, last_event_at)
SELECT :source, max(seq), :at FROM run
ON CONFLICT (source) DO UPDATE
SET applied_seq = excluded.applied_seq,
    last_event_at = greatest(checkpoints.last_event_at, excluded.last_event_at)
"""
