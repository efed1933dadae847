"""Identity's tests run on the identity application, which issues its own tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.tenancy.tokens import PublishedKeys, TokenVerifier
from services.identity.app import create_app
from services.identity.seed import REGISTER_FILE, seed
from services.identity.settings import Settings
from services.identity.tests.factories import ISSUER, Browser

Start = Callable[..., Awaitable[FastAPI]]


@pytest.fixture
def service() -> str:
    return "identity"


@pytest.fixture
async def start(database: ServiceDatabase) -> AsyncIterator[Start]:
    """Give a function that seeds the database and builds the application for a mode."""
    async with AsyncExitStack() as stack:

        async def build(mode: str = "bmms", **changes: Any) -> FastAPI:
            told = database.settings(issuer=ISSUER, mode=mode, **changes)
            settings = Settings(**told)
            await seed(settings, REGISTER_FILE, dry_run=False)
            app = create_app(settings)
            stack.push_async_callback(app.state.database.close)
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app))
            app.state.verifier = TokenVerifier(
                issuer=ISSUER,
                audience=settings.audience,
                keys=PublishedKeys(f"{ISSUER}/oauth2/jwks", client=client),
            )
            return app

        yield build


@pytest.fixture
async def app(start: Start) -> FastAPI:
    return await start()


@pytest.fixture
def transactions(app: FastAPI) -> Database:
    database: Database = app.state.database
    return database


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with Browser(app) as browser:
        yield browser
