"""People, organizations and browsers for identity's tests."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.identity.memberships.model import Membership, MembershipRole
from services.identity.memberships.usecases import add_member
from services.identity.organizations.model import Module, Organization
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.users.model import User, hash_password

ISSUER = "http://localhost:8080"
PASSWORD = "a password of many words"
VERIFIER = "v" * 43
CALLBACK = "http://127.0.0.1/callback"
OPERATOR = Actor.system(UUID(int=0))


@cache
def a_hash(password: str = PASSWORD) -> str:
    return hash_password(password)


def challenge(verifier: str = VERIFIER) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def a_user(
    database: Database,
    email: str,
    *,
    user_id: UUID | None = None,
    **places: str | tuple[str, ...],
) -> User:
    """Make a user with a place in each organization; the first is primary.

    `MOH="manager"` or, with flags, `MOH=("manager", "can_approve_plans")`.
    """
    async with database.unit_of_work(OPERATOR) as uow:
        user = User(
            id=user_id or uuid7(),
            email=email,
            full_name="Amina Person",
            password_hash=a_hash(),
            password_changed_at=uow.now(),
            status="active",
        )
        uow.session.add(user)
        await uow.session.flush()
        for nth, (code, place) in enumerate(places.items()):
            role, *flags = (place,) if isinstance(place, str) else place
            organization = await find_organization_by_code(uow.session, code)
            assert organization is not None
            async with acting_within(uow, organization):
                await add_member(
                    uow, user, MembershipRole(role), is_primary=nth == 0, flags=list(flags)
                )
    return user


async def pass_time(database: ServiceDatabase, interval: str) -> None:
    """Let time pass for everything that runs out, as only the database's administrator can."""
    engine = create_async_engine(database.admin, poolclass=NullPool)
    async with engine.begin() as connection:
        for table, columns in (
            ("authorization_codes", ["expires_at"]),
            ("refresh_tokens", ["expires_at"]),
            ("sign_in_sessions", ["signed_in_at", "last_seen_at"]),
            ("sign_in_attempts", ["counted_since", "blocked_until"]),
            ("signing_keys", ["signs_from"]),
        ):
            moved = ", ".join(f"{name} = {name} - interval '{interval}'" for name in columns)
            await connection.execute(text(f"UPDATE identity.{table} SET {moved}"))
    await engine.dispose()


class Browser(httpx.AsyncClient):
    """A browser at the application, with cookies, that follows no redirect by itself."""

    def __init__(self, app: FastAPI, *, address: str = "192.0.2.7") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 40000))
        super().__init__(transport=transport, base_url=ISSUER)
        self.app = app

    async def form(self, continue_to: str = "") -> dict[str, str]:
        """Open the sign-in page and return its hidden fields."""
        page = await self.get("/account/sign-in", params={"continue": continue_to})
        assert page.status_code == 200
        return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))

    async def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        hidden = await self.form()
        data = {**hidden, "email": email, "password": password, **fields}
        return await self.post("/account/sign-in", data=data)

    async def authorize(self, **changes: str | None) -> httpx.Response:
        """Ask for a code as the command line does; None leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": "bmms-cli",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "state": "some state",
            "nonce": "some nonce",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **changes,
        }
        kept = {name: value for name, value in asked.items() if value is not None}
        return await self.get("/oauth2/authorize", params=kept)

    async def code(self, **changes: str | None) -> str:
        answer = await self.authorize(**changes)
        return sent_back(answer)["code"]

    async def exchange(self, code: str, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code",
            "client_id": "bmms-cli",
            "redirect_uri": CALLBACK,
            "code": code,
            "code_verifier": VERIFIER,
            **changes,
        }
        return await self.post("/oauth2/token", data=fields)

    async def refresh(self, refresh_token: str, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "refresh_token",
            "client_id": "bmms-cli",
            "refresh_token": refresh_token,
            **changes,
        }
        return await self.post("/oauth2/token", data=fields)

    async def tokens(self, email: str, **changes: str | None) -> dict[str, Any]:
        """Sign in and return what the token endpoint gives."""
        signed_in = await self.sign_in(email)
        assert signed_in.status_code == 303, signed_in.text
        answer = await self.exchange(await self.code(**changes))
        assert answer.status_code == 200, answer.text
        given: dict[str, Any] = answer.json()
        self.headers["Authorization"] = f"Bearer {given['access_token']}"
        return given


def sent_back(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters with which the browser is sent back to the client."""
    assert answer.status_code == 302, (answer.status_code, answer.text)
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == CALLBACK
    return dict(parse_qsl(address.query))


def a_ministry(code: str) -> Organization:
    """Return an organization whose id is the one in the tokens of the shared tests."""
    return Organization(
        id=org_id_of(code),
        key=code.lower(),
        code=code,
        name=code,
        org_type="ministry",
        is_moa=True,
        is_pilot=True,
        modules=[module.value for module in Module],
        verified="yes",
        source_note="",
    )


async def seed(person: Person, database: ServiceDatabase) -> dict[str, str]:
    """Make a record for every path parameter of identity, in the person's organization."""
    own = Database(database.app)
    async with own.unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("MOH", "MOLE"))
    await a_user(own, "self@moh.example", user_id=person.user_id, **{person.org: "staff"})
    await a_user(own, "other@moh.example", **{person.org: "staff"})
    async with own.unit_of_work(Actor.system(org_id_of(person.org))) as uow:
        membership = await uow.session.scalar(
            select(Membership).join(Membership.user).where(User.email == "other@moh.example")
        )
        assert membership is not None
    await own.close()
    return {
        "membership_id": str(membership.id),
        "organization_id": str(org_id_of(person.org)),
        "module": "planning",
    }
