"""The inbox: applies each event of other services exactly once, and fills what delivery missed.

A consumer reads the whole log of each source it listens to, so that a hole in `source_seq` is
visible; the hole is fetched from the source's outbox, which is the real log.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import MetaData, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.outbox.checkpoints import Checkpoints
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.uow import UnitOfWork, current_traceparent
from libs.tenancy.actor import Actor

RETRY_DELAYS = (1, 5, 30, 120, 600)
PARK_AFTER = 8
PASSING = ("08", "40", "53", "55", "57", "58")
"""SQLSTATE classes that say nothing about the event: connection, deadlock, resources, locks."""

APPLY_LOCK = 0x696E626F78
"""Held shared by every transaction that applies an event; alone by whoever swaps the tables."""

log = logging.getLogger("bmms.inbox")

_UUID = TypeAdapter(UUID)
_HOLD = select(func.pg_advisory_xact_lock_shared(APPLY_LOCK))

Handler = Callable[..., Awaitable[None]]
HandlerT = TypeVar("HandlerT", bound=Handler)


def subscriber(*subjects: str, acts_for: str = "") -> Callable[[HandlerT], HandlerT]:
    """Mark `async def f(event: Model, uow: UnitOfWork[, meta: EventMeta])` as applying `subjects`.

    `Model` declares only the fields read here and ignores the rest. The unit of work runs for
    the event's organization, or for the one that the field `acts_for` of its data names: what
    one organization issues to another. It commits together with the inbox row.
    """

    def mark(function: HandlerT) -> HandlerT:
        function.__dict__.update(subjects=subjects, acts_for=acts_for)
        return function

    return mark


@dataclass(frozen=True, slots=True)
class _Subscription:
    function: Handler
    model: type[BaseModel]
    wants_meta: bool
    acts_for: str

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
            subjects = getattr(function, "__dict__", {}).get("subjects", ())
            if not subjects or not inspect.iscoroutinefunction(function):
                continue
            hints = get_type_hints(function)
            parameters = list(inspect.signature(function).parameters)
            applies = _Subscription(
                function,
                hints[parameters[0]],
                wants_meta=EventMeta in hints.values(),
                acts_for=function.__dict__["acts_for"],
            )
            for subject in subjects:
                found.setdefault(subject, []).append(applies)
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
        *,
        beside: str | None = None,
    ) -> None:
        """Take the service's metadata (with the outbox tables), sessions and subscribers.

        `beside` names a schema that is being built next to the live one. There nobody waits for
        a second attempt: what fails is parked at once. The sessions must write to it already.
        """
        self._sessions = sessions
        self._subscriptions = subscriptions(modules)
        schema = metadata.schema
        self._parked = metadata.tables[f"{schema}.parked_events"]
        self.checkpoints = Checkpoints(beside or str(schema), sessions)
        self._is_beside = beside is not None
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
            await self._set_aside(event, repr(error.errors(include_input=False)), attempts + 1)
        except Exception as error:  # noqa: BLE001 (whatever a subscriber may raise)
            await self._fail(event, error, attempts + 1)
        finally:
            current_traceparent.reset(token)
        self._failures.pop(event.meta.event_id, None)

    async def apply_page(self, events: Sequence[ReceivedEvent]) -> None:
        """Apply events of one source, each organization's together; what fails, one by one.

        An event that fails does not hold up those after it; NotYet is raised at the end.
        """
        groups: dict[UUID, list[ReceivedEvent]] = {}
        for event in events:
            groups.setdefault(self._group_of(event), []).append(event)
        failed = None
        for group in groups.values():
            try:
                await self._apply_together(group)
            except Exception as error:  # noqa: BLE001 (whatever a subscriber may raise)
                log.info("applied one by one", extra={"why": repr(error)})
                for event in group:
                    try:
                        await self.apply(event)
                    except NotYet as later:
                        failed = later
        if failed is not None:
            raise failed

    async def _apply_together(self, group: list[ReceivedEvent]) -> None:
        if any(event.meta.event_id in self._failures for event in group):
            raise NotYet(0)
        last = group[-1].meta
        async with self._sessions() as session:
            uow = UnitOfWork(session, Actor.system(self._org_of(group[-1])))
            await self._hold_still(session)
            fresh = await self.checkpoints.take(session, [event.meta for event in group])
            for event in group:
                if event.meta.event_id in fresh:
                    await self._deliver(event, uow)
            await self.checkpoints.advance(session, last.source, at=last.occurred_at)
            await session.commit()

    def _org_of(self, event: ReceivedEvent) -> UUID:
        """Return for whom the event is applied; a ValidationError when its data does not say."""
        for subscription in self._subscriptions.get(event.meta.subject, ()):
            if subscription.acts_for:
                return _UUID.validate_python(event.data.get(subscription.acts_for))
        return event.meta.org_id

    def _group_of(self, event: ReceivedEvent) -> UUID:
        try:
            return self._org_of(event)
        except ValidationError:
            return event.meta.event_id  # alone, to be put aside

    async def _deliver(self, event: ReceivedEvent, uow: UnitOfWork) -> None:
        token = current_traceparent.set(event.meta.traceparent)
        try:
            for subscription in self._subscriptions.get(event.meta.subject, []):
                await subscription.deliver(event, uow)
            await uow.flush()
        finally:
            current_traceparent.reset(token)

    async def _fail(self, event: ReceivedEvent, error: Exception, attempts: int) -> None:
        """Count a failure of the event; one of the database is none of the event's."""
        if _is_passing(error):
            log.warning("event delayed", extra={"why": repr(error)})
            raise NotYet(RETRY_DELAYS[0]) from error
        log.error("event failed", extra={"event_id": str(event.meta.event_id)}, exc_info=error)
        if self._is_beside or attempts >= PARK_AFTER:
            await self._set_aside(event, repr(error), attempts)
            return
        delay = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
        self._failures[event.meta.event_id] = (attempts, time.monotonic() + delay)
        raise NotYet(delay) from error

    async def _set_aside(self, event: ReceivedEvent, reason: str, attempts: int) -> None:
        try:
            await self._park(event, reason, attempts)
        except Exception as error:
            raise NotYet(RETRY_DELAYS[0]) from error

    async def _apply_once(self, event: ReceivedEvent) -> None:
        async with self._sessions() as session:
            uow = UnitOfWork(session, Actor.system(self._org_of(event)))
            await self._hold_still(session)
            if await self._is_new(session, event.meta):
                await self._deliver(event, uow)
            await session.commit()
            log.info(
                "event applied",
                extra={"subject": event.meta.subject, "source_seq": event.meta.source_seq},
            )

    async def _hold_still(self, session: AsyncSession) -> None:
        """Keep the tables from being swapped until this transaction is over."""
        if not self._is_beside:
            await session.execute(_HOLD)

    async def _is_new(self, session: AsyncSession, meta: EventMeta) -> bool:
        is_new = bool(await self.checkpoints.take(session, [meta]))
        if is_new:
            await self.checkpoints.advance(session, meta.source, at=meta.occurred_at)
        return is_new

    async def _park(self, event: ReceivedEvent, reason: str, attempts: int) -> None:
        """Put an event aside for an operator, and count it as seen: the log goes on."""
        async with self._sessions() as session:
            uow = UnitOfWork(session, Actor.system(event.meta.org_id))
            await self._hold_still(session)
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


def _plain(event: ReceivedEvent) -> Mapping[str, Any]:
    meta = event.meta
    names = [name for name in meta.__slots__ if name != "source_seq"]
    envelope = {name: str(getattr(meta, name)) for name in names}
    return {**envelope, "source_seq": meta.source_seq, "data": event.data}


def _is_passing(error: Exception) -> bool:
    if isinstance(error, OSError | PoolTimeout):
        return True
    state = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
    gone = isinstance(error, DBAPIError) and error.connection_invalidated
    return gone or str(state).startswith(PASSING)
