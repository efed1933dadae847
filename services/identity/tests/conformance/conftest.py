"""One provider for each module of tests: its people and clients are made once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenVerifier
from libs.tests.routing import with_prepared_routes
from services.identity.app import create_app
from services.identity.seed import seed
from services.identity.settings import Settings
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import a_user
from services.identity.tests.relying_party import Registered, RelyingParty, a_client
from services.identity.users.model import User

EMAIL = "amina@moh.example"


@dataclass(frozen=True)
class Provider:
    """The provider under test, one person and the clients that a plan registers."""

    app: FastAPI
    user: User
    basic: Registered
    second: Registered
    post: Registered

    @property
    def database(self) -> Database:
        """Where it keeps everything."""
        database: Database = self.app.state.database
        return database


@pytest.fixture(scope="module")
async def provider(
    lasting_database: Callable[[str], Awaitable[ServiceDatabase]], small_register: Path
) -> AsyncIterator[Provider]:
    """Give a provider with a person of two organizations, and three clients with secrets."""
    settings = Settings(**(await lasting_database("identity")).settings(issuer=ISSUER, mode="bmms"))
    await seed(settings, small_register, dry_run=False)
    app = with_prepared_routes(create_app(settings))
    keys = PublishedKeys(
        f"{ISSUER}/oauth2/jwks", client=httpx.AsyncClient(transport=httpx.ASGITransport(app))
    )
    app.state.verifier = TokenVerifier(
        issuer=ISSUER, audience=settings.audience, keys=keys, denied=DenySet.complete()
    )
    database: Database = app.state.database
    user = await a_user(database, EMAIL, MOH="staff", MOLE="viewer")
    async with database.unit_of_work(user.as_person()) as uow:
        user = await uow.session.merge(user)
        user.phone, user.username = "+639171234567", "amina"
    yield Provider(
        app,
        user,
        basic=await a_client(database),
        second=await a_client(database),
        post=await a_client(database, token_endpoint_auth_method="client_secret_post"),
    )
    await database.close()


@pytest.fixture
def response_mode() -> str | None:
    """How answers come back; a plan for another way overrides this."""
    return None


@pytest.fixture
async def browser(provider: Provider) -> AsyncIterator[Browser]:
    """Give a browser in which nobody is signed in."""
    async with Browser(provider.app) as browser:
        yield browser


@pytest.fixture
def visitor(provider: Provider, browser: Browser, response_mode: str | None) -> RelyingParty:
    """Give the first client, with nobody signed in in its browser."""
    return RelyingParty(browser, provider.basic, response_mode)


@pytest.fixture
async def rp(visitor: RelyingParty) -> RelyingParty:
    """Give the first client, with the person signed in in its browser."""
    assert (await visitor.browser.sign_in(EMAIL)).status_code == 303
    return visitor
