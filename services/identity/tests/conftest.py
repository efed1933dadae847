"""Identity's tests run on the identity application, which issues its own tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase
from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenVerifier
from libs.tests.routing import with_prepared_routes
from services.identity.app import create_app
from services.identity.role_catalogue.model import ROLES
from services.identity.seed import REGISTER_FILE, seed
from services.identity.settings import Settings
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import OPERATOR, a_ministry, a_user

FEW = ("MOH", "MOLE", "MAFAR", "OOBC", "OCM", "MFBM")

Start = Callable[..., Awaitable[FastAPI]]


@pytest.fixture
def service() -> str:
    return "identity"


@pytest.fixture(scope="session")
def small_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give five rows of the register, for tests that are about something else."""
    header, *rows = REGISTER_FILE.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split(",")[1] in FEW]
    path = tmp_path_factory.mktemp("register") / "organizations.csv"
    path.write_text("\n".join([header, *kept]), encoding="utf-8")
    return path


@pytest.fixture
async def start(database: ServiceDatabase, small_register: Path) -> AsyncIterator[Start]:
    """Give a function that seeds the database and builds the application for a mode."""
    async with AsyncExitStack() as stack:

        async def build(mode: str = "bmms", **changes: Any) -> FastAPI:
            told = database.settings(**{"issuer": ISSUER, "mode": mode, **changes})
            settings = Settings(**told)
            await seed(settings, small_register, dry_run=False)
            app = with_prepared_routes(create_app(settings))
            stack.push_async_callback(app.state.database.close)
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app))
            app.state.verifier = TokenVerifier(
                issuer=ISSUER,
                audience=settings.audience,
                keys=PublishedKeys(f"{ISSUER}/oauth2/jwks", client=client),
                denied=DenySet.complete(),
            )
            return app

        yield build


@pytest.fixture
async def identity(start: Start) -> FastAPI:
    """Give the application with a small register and its own tokens; `app` is the bare one."""
    return await start()


@pytest.fixture
def transactions(identity: FastAPI) -> Database:
    database: Database = identity.state.database
    return database


@pytest.fixture
async def browser(identity: FastAPI) -> AsyncIterator[Browser]:
    async with Browser(identity) as browser:
        yield browser


@pytest.fixture
async def people(app: FastAPI) -> Database:
    """Give the bare application's database with two ministries in the register."""
    database: Database = app.state.database
    async with database.unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("MOH", "MOLE"))
    return database


@pytest.fixture
async def admin(people: Database, person: Callable[..., Person]) -> Person:
    """Give an administrator of MOH, who is a member there."""
    inviter = person("MOH", org_roles=["admin"], permissions=ROLES["admin"])
    await a_user(people, "admin@moh.example", user_id=inviter.user_id, MOH="admin")
    return inviter
