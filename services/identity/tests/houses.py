"""A provider with its people, and the programs that tests register with it."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenVerifier
from libs.tests.routing import with_prepared_routes
from services.identity.app import create_app
from services.identity.clients.model import ALL_GRANT_TYPES, Client
from services.identity.credentials.usecases import plant_totp
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.seed import seed
from services.identity.settings import Settings
from services.identity.system_grants.model import Grant
from services.identity.system_grants.usecases import give_grant
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import OPERATOR, TOTP_SECRET, a_user
from services.identity.tests.program import AMINA, ANALYST, CALLBACK, Program, a_key

Databases = Callable[[str], Awaitable[ServiceDatabase]]


@dataclass(frozen=True)
class House:
    """A provider with its people and the programs that tests register."""

    app: FastAPI
    admin: ServiceDatabase

    @property
    def database(self) -> Database:
        """Where it keeps everything."""
        database: Database = self.app.state.database
        return database

    def browser(self) -> Browser:
        """Return a browser in which nobody is signed in."""
        return Browser(self.app)

    async def program(self, *, bound: bool = True, **values: Any) -> Program:
        """Register a program with a key, or with whatever else `values` say."""
        key = a_key()
        told: dict[str, Any] = {
            "client_id": f"program-{secrets.token_hex(4)}",
            "name": "A program",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": list(ALL_GRANT_TYPES),
            "is_active": True,
            "is_first_party": True,
            "requires_pushed_requests": bound,
            "requires_dpop": bound,
            **values,
        }
        if told["token_endpoint_auth_method"] == "private_key_jwt":
            told["jwks"] = {"keys": [key.as_dict(private=False)]}
        async with self.database.unit_of_work(OPERATOR) as uow:
            client = Client(**told)
            secret = client.new_secret(uow.now()) if "secret" in told[_METHOD] else ""
            uow.session.add(client)
        return Program(
            self.app,
            told["client_id"],
            key=key if "jwks" in told else None,
            secret=secret,
            proof_key=a_key() if bound else None,
        )

    async def service(self, organization: str, *permissions: str) -> Program:
        """Register a program that acts for an organization in its own name."""
        async with self.database.unit_of_work(OPERATOR) as uow:
            found = await find_organization_by_code(uow.session, organization)
            assert found is not None
        return await self.program(
            bound=False,
            organization_id=found.id,
            permissions=list(permissions),
            grant_types=["client_credentials"],
        )


_METHOD = "token_endpoint_auth_method"


async def a_house(lasting_database: Databases, small_register: Path) -> AsyncIterator[House]:
    """Give a provider with Amina of MOH and MOLE, and an analyst of the oversight office."""
    admin = await lasting_database("identity")
    settings = Settings(**admin.settings(issuer=ISSUER, mode="bmms"))
    await seed(settings, small_register, dry_run=False)
    app = with_prepared_routes(create_app(settings))
    connection = httpx.AsyncClient(transport=httpx.ASGITransport(app))
    app.state.verifier = TokenVerifier(
        issuer=ISSUER,
        audience=settings.audience,
        keys=PublishedKeys(f"{ISSUER}/oauth2/jwks", client=connection),
        denied=DenySet.complete(),
    )
    house = House(app, admin)
    await a_user(house.database, AMINA, MOH="manager", MOLE="viewer")
    analyst = await a_user(house.database, ANALYST)
    async with house.database.unit_of_work(OPERATOR) as uow:
        office = await find_organization_by_code(uow.session, "OCM")
        assert office is not None
        async with acting_within(uow, office):
            await give_grant(uow, analyst, Grant.ocm_analyst)
        await plant_totp(uow, analyst.id, TOTP_SECRET)
    yield house
    await house.database.close()
    await connection.aclose()


house = pytest.fixture(a_house, scope="module")


@pytest.fixture(scope="module")
async def program(house: House) -> Program:
    """Give a program with a key of its own, and bound tokens."""
    return await house.program()


@pytest.fixture(scope="module")
async def second(house: House) -> Program:
    """Give another such program."""
    return await house.program()


@pytest.fixture(scope="module")
async def browser(house: House) -> AsyncIterator[Browser]:
    """Give a browser in which Amina is signed in."""
    async with house.browser() as browser:
        assert (await browser.sign_in(AMINA)).status_code == 303
        yield browser


async def pass_a_minute(house: House, table: str) -> None:
    engine = create_async_engine(house.admin.admin, poolclass=NullPool)
    async with engine.begin() as connection:
        moved = f"UPDATE identity.{table} SET expires_at = expires_at - interval '61 seconds'"
        await connection.execute(text(moved))
    await engine.dispose()


def refused(answer: httpx.Response, *errors: str) -> None:
    """The endpoint says no, in the form of RFC 6749 (5.2)."""
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] in errors, answer.text


async def push(program: Program, **changes: Any) -> httpx.Response:
    headers = changes.pop("headers", None)
    return await program.post("/oauth2/par", headers, **program.request(**changes))


def moved(changes: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {
        name: now + value if name in ("exp", "iat", "nbf") and value is not None else value
        for name, value in changes.items()
    }
