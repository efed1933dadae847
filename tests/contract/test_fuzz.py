"""Schemathesis over all six documents, against real servers: no 5xx, no undocumented answer.

Each operation gets valid and broken requests, on records that exist and that do not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.local.ports import find_free_port
from libs.chassis.files import XLSX
from libs.chassis.testing import Person

SERVICES = ["identity", "planning", "budgeting", "mana", "coordination", "ocm"]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 4
PATIENCE_SECONDS = 90


@schemathesis.serializer(XLSX, "application/pdf", "text/csv")
def as_file(_context: Any, value: Any) -> bytes:
    """Send what was generated for a file as its bytes."""
    return value.encode() if isinstance(value, str) else bytes(value)


pytestmark = pytest.mark.filterwarnings("ignore")  # the fuzzer's own, about generated data


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a loopback port from a thread; yield its address."""
    port = find_free_port()
    server = uvicorn.Server(
        # No lifespan: the test tells the application what is revoked, no feed does.
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the application did not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


async def test_no_server_error_and_no_undocumented_answer(
    service: str, app: FastAPI, database: Any, person: Callable[..., Person]
) -> None:
    factories = import_module(f"services.{service}.tests.factories")
    moh = person("MOH", permissions=["*.*.*", "oversight.*.read"])
    ids: dict[str, str] = await factories.seed(moh, database)
    await app.state.database.close()  # the server below has an event loop of its own
    schema = schemathesis.openapi.from_dict(app.openapi())
    called = 0
    with served(app) as url:
        for found in schema.get_all_operations():
            operation = found.ok()
            parameters = {"org_code": "MOH", **ids}
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                called += fuzz(operation, mode, url, dict(moh.headers), parameters)
    assert called >= EXAMPLES


def fuzz(
    operation: Any, mode: GenerationMode, url: str, headers: dict[str, str], known: dict[str, str]
) -> int:
    """Send generated requests of one kind to one operation; return how many."""
    names = {parameter.name for parameter in operation.path_parameters}
    given_ids = {name: value for name, value in known.items() if name in names}
    fixed = {"authorization": headers["authorization"]}
    if mode is GenerationMode.POSITIVE:
        fixed["if-match"] = '"1"'  # else nearly every change would end at 412 or 428
    called = 0

    @given(
        case=operation.as_strategy(
            generation_mode=mode, path_parameters=given_ids or None, headers=fixed
        )
    )
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        nonlocal called
        called += 1
        response = case.call(base_url=url, timeout=PATIENCE_SECONDS)
        case.validate_response(response, checks=CHECKS)

    try:
        send()
    except Exception as error:
        if "Unsatisfiable" in type(error).__name__:
            return 0  # nothing in this operation can be broken in that way
        raise
    return called
