"""HTTP for one service: `install` an application, and routes that commit before they answer.

A route parses, calls one use case and returns its row. The route class around it opens the unit
of work, writes rows and events, renders the answer, commits, and only then lets the answer out:
a failed commit is a failed request (ADR 0003).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import MetaData

from libs.chassis.access import (
    CurrentActor,
    ModuleDisabled,
    NotPermitted,
    NotSignedIn,
    OtherOrganization,
    RevocationFeedSilent,
    install_trust,
)
from libs.chassis.database import Database
from libs.chassis.files import file_taken_by
from libs.chassis.health import install_health
from libs.chassis.limits import (
    BodyTooLarge,
    BoundedRequest,
    check_request,
    query_names,
)
from libs.chassis.preconditions import (
    KeyReused,
    Replay,
    StillAtWork,
    begin_once,
    etag,
    expected_version,
    keep_answer,
)
from libs.chassis.problems import (
    InvalidRequest,
    Malformed,
    OutOfReach,
    TakenAlready,
    TooContended,
    as_problems,
    both,
    broken,
    install_problems,
    is_repeatable,
    refuses,
)
from libs.chassis.routing import SliceRouter
from libs.chassis.settings import ServiceSettings
from libs.chassis.telemetry import Telemetry, configure_logging
from libs.chassis.throttle import TooManyRequests
from libs.outbox.uow import BeyondTheAbsent, UnitOfWork
from libs.refusals import Stale
from libs.tenancy.rows import TenantOwned


async def _begin(request: Request, actor: CurrentActor) -> UnitOfWork:
    """Open the request's unit of work; its route class ends it."""
    database: Database = request.app.state.database
    uow = UnitOfWork(
        database.sessions(),
        actor,
        expected_version=expected_version(request),
        permission=getattr(request.state, "permission", ""),
    )
    request.state.uow = uow
    await begin_once(request, uow, request.app.state.idempotency_keys)
    return uow


Uow = Annotated[UnitOfWork, Depends(_begin)]
"""The unit of work of a request, for the actor of its token."""


REPEATS = 3
"""How often a request starts over that the database gave up for the sake of others."""

COMMON = (
    Malformed,
    NotSignedIn,
    OtherOrganization,
    ModuleDisabled,
    NotPermitted,
    BodyTooLarge,
    InvalidRequest,
    TooManyRequests,
    OutOfReach,
)
"""What any operation may answer besides its own refusals."""


async def _writing(
    request: Request,
    validate_only: Annotated[  # noqa: FBT002 (a query parameter)
        bool, Query(description="Apply rights and rules, answer as usual, and keep nothing.")
    ] = False,
) -> None:
    request.state.is_preview = validate_only


async def _once(
    idempotency_key: Annotated[
        str | None,
        Header(description="Repeats with the same key get the first answer, for 24 hours."),
    ] = None,
) -> None:
    del idempotency_key  # read by `begin_once`; declared here for the API description


async def _tenant(
    org_code: Annotated[
        str, Path(description="Code of the organization for which you act.", examples=["MOH"])
    ],
) -> None:
    del org_code  # compared with the token by `current_actor`


class CommittingRoute(APIRoute):
    """A route whose answer leaves only after its transaction is committed."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Wrap the endpoint so that rows are written before the answer is rendered."""
        added = [Depends(_tenant)] if "{org_code}" in path else []
        declared = both(refuses(*COMMON), options.pop("responses", None) or {})
        methods = set(options.get("methods") or {"GET"})
        if methods != {"GET"}:
            added.append(Depends(_writing))
            declared = both(
                refuses(TakenAlready, Stale, BeyondTheAbsent, RevocationFeedSilent, TooContended),
                declared,
            )
        if "POST" in methods:
            added.append(Depends(_once))
            declared = both(declared, refuses(StillAtWork, KeyReused))
        options["dependencies"] = [*added, *(options.get("dependencies") or ())]
        super().__init__(path, _written(endpoint), responses=declared, **options)
        taken = file_taken_by(self.dependant)
        if taken is not None:
            file = {"schema": {"type": "string", "format": "binary"}}
            content = dict.fromkeys(taken.media_types, file)
            body = {"requestBody": {"required": True, "content": content}}
            self.openapi_extra = {**(self.openapi_extra or {}), **body}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler: limits, endpoint, stored answer, commit."""
        handle = super().get_route_handler()
        known, taken = query_names(self.dependant), file_taken_by(self.dependant)

        async def committing(received: Request) -> Response:
            request = BoundedRequest(received.scope, received.receive)
            if taken is not None:
                request.most_bytes = taken.most_bytes
            await check_request(request, known, is_file=taken is not None)
            for more in reversed(range(1 + REPEATS)):
                try:
                    response = await handle(request)
                    await _finish(request, response)
                except Replay as replay:
                    await _abandon(request)
                    return replay.response
                except Exception as error:
                    if await _abandon(request) and more and is_repeatable(error):
                        continue
                    raise
                except BaseException:
                    await _abandon(request, broken=True)
                    raise
                break
            return response

        return committing


def _written(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    if not inspect.iscoroutinefunction(endpoint):
        raise TypeError(f"{endpoint.__name__} must be async: it runs inside a transaction")

    @functools.wraps(endpoint)
    async def written(*args: Any, **values: Any) -> Any:
        result = await endpoint(*args, **values)
        uow = next((value for value in values.values() if isinstance(value, UnitOfWork)), None)
        if uow is not None:
            uow.result = result
            await uow.session.flush()
        return result

    return written


async def _finish(request: Request, response: Response) -> None:
    uow: UnitOfWork | None = getattr(request.state, "uow", None)
    if uow is None:
        return
    if isinstance(uow.result, TenantOwned) and response.status_code < 300:
        response.headers["ETag"] = etag(uow.result.version)
        _not_modified(request, response)
    if getattr(request.state, "is_preview", False):
        await _abandon(request)
        return
    await keep_answer(request, uow, request.app.state.idempotency_keys, response)
    await uow.commit()
    await uow.session.close()


def _not_modified(request: Request, response: Response) -> None:
    if request.method == "GET" and request.headers.get("if-none-match") == response.headers["ETag"]:
        response.status_code = 304
        response.body = b""
        del response.headers["content-length"], response.headers["content-type"]


async def _abandon(request: Request, *, broken: bool = False) -> bool:
    """Leave nothing behind; a connection cut off in mid-flight never goes back to the pool.

    Returns whether there was one unit of work: all that such a request did is undone with it.
    """
    uow: UnitOfWork | None = getattr(request.state, "uow", None)
    if uow is not None and broken:
        await uow.session.invalidate()
    elif uow is not None:
        await uow.session.rollback()
        await uow.session.close()
    return uow is not None


def slice_router(*, prefix: str, tag: str, **options: Any) -> APIRouter:
    """Return the router of one slice; its operations are named `<service>_<function>`."""
    service = prefix.removeprefix("/api/v1/").removeprefix("moa/{org_code}/").split("/", 1)[0]
    return SliceRouter(
        prefix=prefix,
        tags=[tag],
        route_class=CommittingRoute,
        generate_unique_id_function=lambda route: f"{service}_{route.name}",
        **options,
    )


def install(
    *,
    service: str,
    settings: ServiceSettings,
    metadata: MetaData,
    module: str | None = None,
    title: str,
    description: str,
) -> FastAPI:
    """Return the application of one service, with health, metrics, telemetry and problems.

    `module` is the organization's switch that guards its tenant paths; None when it has none.
    """
    configure_logging(service, settings.log_level)
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        lifespan=_lifespan,
        openapi_url=f"/api/v1/{service}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.database = Database(settings.database_url, info=settings.session_info())
    app.state.module = module
    app.state.public_url = settings.issuer
    app.state.service = service
    app.state.idempotency_keys = metadata.tables[f"{metadata.schema}.idempotency_keys"]
    install_trust(app, service, settings)
    install_problems(app)
    describe = app.openapi
    app.openapi = lambda: as_problems(describe())  # type: ignore[method-assign]
    app.add_middleware(Telemetry, service=service, fault=broken)
    install_health(app, service)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with app.state.feed.follow() if app.state.feed else nullcontext():
        yield
    await app.state.database.close()
