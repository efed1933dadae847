"""Preconditions of a request: If-Match against the ETag, and Idempotency-Key for safe repeats."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from sqlalchemy import (
    BindParameter,
    Select,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from libs.outbox.retention import KEYS_KEPT
from libs.outbox.uow import UnitOfWork
from libs.refusals import Conflict, Invalid, Refusal, Stale

_ETAG = re.compile(r'"([0-9]{1,9})"')
_KEY = r"^[\x21-\x7e]{1,200}$"
KEPT_HEADERS = ("content-type", "etag", "location")


class MatchMissing(Refusal):
    """A change of this record must say which version it changes."""

    status = 428
    title = "Send If-Match with the ETag of the record that you read."


class KeyReused(Invalid):
    """The same Idempotency-Key came before with another request."""

    title = "This Idempotency-Key was used for another request."


class StillAtWork(Conflict):
    """The first request with this Idempotency-Key has not been answered yet."""

    title = "The first request with this Idempotency-Key is still at work."


class Replay(Exception):
    """The stored answer of an earlier request stands for this one."""

    def __init__(self, response: Response) -> None:
        """Take the answer to give."""
        super().__init__()
        self.response = response


def etag(version: int) -> str:
    """Return the strong ETag of a record's version."""
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """Read If-Match; raises Stale when it names no version that a record could have."""
    given = request.headers.get("if-match")
    if given is None or given == "*":
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise Stale('If-Match must be the ETag of the record, such as "3".')
    return int(found.group(1))


async def _match_required(
    request: Request,
    if_match: Annotated[
        str | None, Header(description='The ETag of the record as last read, such as `"3"`.')
    ] = None,
) -> None:
    del if_match
    if expected_version(request) is None:
        raise MatchMissing


match_required = Depends(_match_required)
"""Route dependency: the change is refused with 428 without If-Match, with 412 when stale."""


async def begin_once(request: Request, uow: UnitOfWork, keys: Table) -> None:
    """Answer a repeated POST from the stored answer, or hold its key until this one commits.

    The lock ends with the transaction, so a crash leaves no key in flight; the stored answer is
    written in the same transaction as the change it answers.
    """
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return
    if not re.fullmatch(_KEY, key):
        raise Invalid("Use 1 to 200 visible ASCII characters.", pointer="/header/idempotency-key")
    digest = _digest(request, await request.body())
    held = await uow.session.scalar(_HOLD, {"held": f"{uow.actor.org_id}{key}"})
    if not held:
        raise StillAtWork("Wait for its answer, then repeat.")
    asked = {"org_id": uow.actor.org_id, "key": key, "since": uow.now() - KEYS_KEPT}
    stored = (await uow.session.execute(_stored(keys), asked)).one_or_none()
    if stored is None:
        request.state.idempotency = (key, digest)
    elif stored.request_hash != digest:
        raise KeyReused("Use a new key for a new request.", pointer="/header/idempotency-key")
    else:
        headers = {**stored.headers, "idempotency-replayed": "true"}
        raise Replay(Response(stored.body, status_code=stored.status, headers=headers))


async def keep_answer(request: Request, uow: UnitOfWork, keys: Table, response: Response) -> None:
    """Store the answer of a POST that carried a key, in the transaction of its change."""
    begun: tuple[str, str] | None = getattr(request.state, "idempotency", None)
    if begun is None:
        return
    key, digest = begun
    kept: dict[str, Any] = {
        name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
    }
    await uow.session.execute(
        _keep(keys),
        {
            "org_id": uow.actor.org_id,
            "key": key,
            "request_hash": digest,
            "status": response.status_code,
            "headers": kept,
            "body": bytes(response.body),
        },
    )


# Put together once: every keyed request asks them.
_HOLD = select(
    func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("held", type_=Text), 0))
)


@cache
def _stored(keys: Table) -> Select[Any]:
    since: BindParameter[Any] = bindparam("since", type_=keys.c.created_at.type)
    asked = (keys.c.org_id == bindparam("org_id"), keys.c.key == bindparam("key"))
    return select(keys).where(*asked, keys.c.created_at >= since)


@cache
def _keep(keys: Table) -> Insert:
    """Return the statement that keeps an answer, over one that stands no longer."""
    told = insert(keys)
    names = [column.name for column in keys.c if column.name not in ("org_id", "key", "created_at")]
    return told.on_conflict_do_update(
        index_elements=["org_id", "key"],
        set_={**{name: told.excluded[name] for name in names}, "created_at": func.now()},
    )


def _digest(request: Request, body: bytes) -> str:
    caller = request.headers.get("if-match", "")
    told = f"{request.method} {request.url.path}?{request.url.query} {caller}\n".encode()
    return hashlib.sha256(told + body).hexdigest()
