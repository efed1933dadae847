"""One running system for all journeys: the embedded stack, Compose, or one that runs already."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.system import System, local_stack, read_accounts


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("system"))


@pytest.fixture(scope="session")
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    stack = request.config.getoption("--stack")
    if stack == "running":
        home = Path(os.environ["BMMS_HOME"])
        yield System(os.environ["BMMS_URL"], home, read_accounts(home))
    elif stack == "compose":
        from tests.e2e.compose import compose_stack

        with compose_stack(tmp_path_factory.mktemp("compose")) as running:
            yield running
    else:
        with local_stack() as running:
            yield running
