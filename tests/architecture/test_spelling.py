"""One verb has one spelling: permission, path, function and use case; and every row an owner."""

from __future__ import annotations

from importlib import import_module

import pytest
from fastapi.routing import APIRoute

from libs.outbox.tables import INFRASTRUCTURE_TABLES
from tests.contexts import PRESENT, build, global_tables, metadata, routes, tenant_tables

READS = ("get_", "list_", "count_")
OF_A_PART = ("add_", "delete_", "remove_")
"""How a change of an aggregate is called when it adds or takes away a part of it."""


def misspelt(route: APIRoute, permission: str, paths: set[str]) -> str:
    """Return what is wrong with the names of a route, or nothing."""
    verb = permission.rpartition(".")[2]
    last = route.path.rpartition("/")[2].replace("-", "_")
    if route.methods == {"GET"}:
        right = verb == "read" and route.name.startswith(READS)
    elif route.methods == {"POST"} and not is_collection(route.path, paths):
        right = verb == last and route.name.startswith(f"{verb}_")
    else:
        allowed = OF_A_PART if verb == "change" else ()
        right = route.name.startswith((f"{verb}_", *allowed))
    return "" if right else f"{route.path}: {route.name} needs {permission}"


def is_collection(path: str, paths: set[str]) -> bool:
    """Tell whether records lie at a path: it lists them, another path names one, or lists all."""
    last = path.rpartition("/")[2]
    listed = any(other.startswith("GET ") and other.endswith(f"/{last}") for other in paths)
    return listed or any(other.startswith(f"{path}/{{") for other in paths)


def described(service: str) -> list[tuple[APIRoute, str]]:
    found = [(route, permission) for route, permission in routes(build(service)) if permission]
    assert found
    return found


@pytest.mark.parametrize("service", PRESENT)
def test_one_verb_has_one_spelling(service: str) -> None:
    found = described(service)
    paths = {route.path for route, _ in found}
    paths |= {f"GET {route.path}" for route, _ in found if route.methods == {"GET"}}
    wrong = [misspelt(route, permission, paths) for route, permission in found]
    assert [told for told in wrong if told] == []


@pytest.mark.parametrize("service", PRESENT)
def test_a_permission_begins_with_its_service(service: str) -> None:
    strangers = [
        permission
        for _, permission in described(service)
        if not permission.startswith("oversight." if service == "ocm" else f"{service}.")
    ]
    assert strangers == []


@pytest.mark.parametrize("service", PRESENT)
def test_a_route_and_its_use_case_have_one_name(service: str) -> None:
    missing = [
        f"{route.endpoint.__module__}.{route.name}"
        for route, _ in described(service)
        if route.methods != {"GET"}
        and not hasattr(
            import_module(route.endpoint.__module__.replace(".routes", ".usecases")), route.name
        )
    ]
    assert missing == []


@pytest.mark.parametrize("service", PRESENT)
def test_every_table_has_an_owner_or_a_reason(service: str) -> None:
    listed = {**INFRASTRUCTURE_TABLES, **global_tables(service)}
    assert all(reason.strip() for reason in listed.values())
    tables = {table.name for table in metadata(service).tables.values()}
    assert tables - tenant_tables(service) - set(listed) == set()
    assert tenant_tables(service) & set(listed) == set()


@pytest.mark.parametrize(
    ("path", "name", "permission"),
    [
        ("/plans/{plan_id}/hand-in", "submit_plan", "planning.plan.submit"),
        ("/plans/{plan_id}/submit", "hand_in_plan", "planning.plan.submit"),
        ("/plans/{plan_id}/submit", "submit_plan", "planning.plan.change"),
        ("/plans", "make_plan", "planning.plan.create"),
    ],
)
def test_a_second_spelling_is_noticed(path: str, name: str, permission: str) -> None:
    async def endpoint() -> None: ...

    route = APIRoute(path, endpoint, methods=["POST"], name=name)
    assert misspelt(route, permission, {path, "GET /plans"}) != ""
