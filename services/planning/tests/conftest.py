"""Planning's tests run on the planning application; some need the register, or the real files."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from libs.chassis.database import Database
from libs.chassis.testing import ROOT, ServiceDatabase
from services.planning.tests.factories import announced, apply

SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture
def service() -> str:
    return "planning"


@pytest.fixture
async def store(database: ServiceDatabase) -> AsyncIterator[Database]:
    """Give the service's database as its application's role sees it."""
    opened = Database(database.app)
    yield opened
    await opened.close()


@pytest.fixture
def register(store: Database) -> Callable[..., Awaitable[None]]:
    """Give a function by which identity announces organizations, each as code=name."""

    async def announce(**names: str) -> None:
        for number, (code, name) in enumerate(names.items(), start=1):
            await apply(store, announced(code, name=name, seq=number))

    return announce


@pytest.fixture
def published() -> Path:
    """Give the folder of the published files, where it is at hand."""
    if not (SHARED / "ppa").is_dir():
        pytest.skip("the published files are not beside the repository")
    return SHARED / "ppa"


@pytest.fixture
async def whole_register(published: Path, register: Callable[..., Awaitable[None]]) -> None:
    """Announce the 45 organizations as they are registered."""
    with (SHARED / "organizations.csv").open(newline="") as file:
        await register(**{row["code"]: row["name"] for row in csv.DictReader(file)})
