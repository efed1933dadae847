"""The routes of an application, worked out once for all tests of a process."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import BaseRoute

_prepared: dict[str, tuple[BaseRoute, ...]] = {}


def with_prepared_routes(app: FastAPI) -> FastAPI:
    """Give an application of a service the routes of the first one, which are the same.

    FastAPI prepares the routes of a router at the first request that passes it, which takes
    longer than most tests; what an application is connected to lies in its state, not here.
    """
    known = _prepared.setdefault(app.state.service, tuple(app.router.routes))
    assert [type(route) for route in known] == [type(route) for route in app.router.routes]
    app.router.routes[:] = known
    return app
