"""The six contexts as the tests of the whole see them: found in the tree, never written down."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import MetaData

from deploy.local.provision import SERVICES
from libs.chassis.access import permissions_of
from libs.chassis.testing import ServiceDatabase
from libs.outbox.event import Event
from libs.outbox.inbox import subscriptions
from libs.tenancy.rows import tenant_tables as owned_tables

ROOT = Path(__file__).resolve().parents[1]
PRESENT = [name for name in SERVICES if (ROOT / "services" / name / "app.py").exists()]
"""The contexts that can be built; `test_layout.py` fails while one of the six is missing."""

_NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"


def folder(service: str) -> Path:
    return ROOT / "services" / service


def slices(service: str) -> list[str]:
    """Return the nouns of a service: its packages, without tests and migrations."""
    return sorted(found.parent.name for found in folder(service).glob("*/__init__.py"))


def build(service: str) -> FastAPI:
    """Return the application of a service, connected to nothing."""
    nowhere = ServiceDatabase(service, admin=_NOWHERE, app=_NOWHERE, relay=_NOWHERE, ro=_NOWHERE)
    settings = import_module(f"services.{service}.settings").Settings(**nowhere.settings())
    app: FastAPI = import_module(f"services.{service}.app").create_app(settings)
    return app


def routes(app: FastAPI) -> Iterator[tuple[APIRoute, str]]:
    """Yield the routes that are described to callers, each with the permission it requires."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema:
            assert route.path == context.path, "a slice's router carries its whole prefix"
            required = permissions_of(route.dependencies)
            assert len(required) <= 1, route.path
            yield route, required[0] if required else ""


def modules(service: str, layer: str) -> list[ModuleType]:
    """Import one layer (`events`, `subscribers`, …) of every slice of a service."""
    return [
        import_module(f"services.{service}.{noun}.{layer}")
        for noun in slices(service)
        if (folder(service) / noun / f"{layer}.py").exists()
    ]


def events(service: str) -> list[type[Event]]:
    """Return the event classes of a service that have a subject."""
    found = {
        value
        for module in modules(service, "events")
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and vars(value).get("subject")
    }
    return sorted(found, key=lambda event: event.subject)


def consumers(service: str) -> dict[str, list[type]]:
    """Return, by subject, the models with which a service reads the events of others."""
    found = subscriptions(modules(service, "subscribers"))
    return {subject: [one.model for one in several] for subject, several in found.items()}


@cache
def metadata(service: str) -> MetaData:
    """Return the tables of a service, with every slice imported."""
    import_module(f"services.{service}.worker")
    import_module(f"services.{service}.app")
    declared: MetaData = import_module(f"services.{service}.db").Base.metadata
    return declared


@cache
def tenant_tables(service: str) -> frozenset[str]:
    """Return the tables of a service whose every row belongs to an organization."""
    metadata(service)
    owned = owned_tables(import_module(f"services.{service}.db").Base)
    return frozenset({*owned, "idempotency_keys"})


def global_tables(service: str) -> dict[str, str]:
    """Return the tables of a service that belong to no organization, each with its reason."""
    listed: dict[str, str] = getattr(import_module(f"services.{service}.db"), "GLOBAL_TABLES", {})
    return listed
