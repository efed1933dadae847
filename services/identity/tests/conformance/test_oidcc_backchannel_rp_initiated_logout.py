"""oidcc-backchannel-rp-initiated-logout-certification-test-plan, with a relying party that listens.

There is no relying party in this repository besides these tests, so the plan for relying parties
(oidcc-client-back-channel-logout-rp-basic) has nothing to be run against; what it has a relying
party refuse is what `Listening` below checks of every token.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import pytest
import uvicorn
from fastapi import FastAPI, Form, Response
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact
from sqlalchemy import select, text

from deploy.local.ports import find_free_port
from libs.chassis.database import Database
from services.identity.logouts.model import WAITS, LogoutNotice
from services.identity.logouts.usecases import deliver_due_notices, is_allowed_address
from services.identity.tests.browser import ISSUER
from services.identity.tests.conformance.conftest import Provider
from services.identity.tests.conformance.test_oidcc_rp_initiated_logout import (
    is_signed_in,
    sign_out,
    went_back,
)
from services.identity.tests.factories import OPERATOR
from services.identity.tests.relying_party import AFTER_LOGOUT, RelyingParty, a_client

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Listening:
    """A relying party's own server on a loopback port: keeps what it is sent."""

    port: int
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where logout tokens are to be sent."""
        return f"http://127.0.0.1:{self.port}/backchannel_logout"

    def app(self) -> FastAPI:
        """Return the server's application."""
        app = FastAPI()

        @app.post("/backchannel_logout")
        async def told(logout_token: Annotated[str, Form()]) -> Response:
            self.received.append(logout_token)
            return Response(status_code=self.status, headers=self.headers)

        return app


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Listening]:
    """Serve a relying party on a loopback port."""
    listening = Listening(find_free_port())
    server = uvicorn.Server(
        uvicorn.Config(listening.app(), port=listening.port, log_config=None, lifespan="off")
    )
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield listening
    server.should_exit = True
    await serving


@pytest.fixture
async def listener(server: Listening) -> Listening:
    """Give the relying party as it is in health, with nothing received."""
    server.status, server.headers, server.received[:] = 200, {}, []
    return server


@pytest.fixture
async def heard(rp: RelyingParty, provider: Provider, listener: Listening) -> RelyingParty:
    """Give a client that is to be told, with the person signed in."""
    client = await a_client(provider.database, backchannel_logout_uri=listener.address)
    return replace(rp, client=client)


async def deliver(database: Database) -> int:
    """Do what the worker does every two seconds."""
    return await deliver_due_notices(database, issuer=ISSUER)


async def claims_of(rp: RelyingParty, raw: str) -> dict[str, Any]:
    """Return the claims of a logout token after every check of Back-Channel Logout 1.0 (2.6)."""
    async with rp.alone() as back_channel:
        keys = KeySet.import_key_set((await back_channel.get("/oauth2/jwks")).json())
    token = jwt.decode(raw, keys, algorithms=["ES256"])
    assert token.header["typ"] == "logout+jwt"
    claims: dict[str, Any] = token.claims
    assert claims["iss"] == ISSUER
    assert claims["aud"] == rp.client.client_id
    assert claims["iat"] - 5 <= time.time() < claims["exp"] <= claims["iat"] + 120
    assert claims["events"] == {EVENT: {}}
    assert claims["jti"]
    assert "nonce" not in claims
    return claims


async def notices(database: Database) -> list[LogoutNotice]:
    """Return all notices, oldest first."""
    async with database.unit_of_work(OPERATOR) as uow:
        rows = await uow.session.scalars(select(LogoutNotice).order_by(LogoutNotice.id))
        return list(rows)


async def let_retries_come(database: Database) -> None:
    """Let the time of every next try have come."""
    async with database.unit_of_work(OPERATOR) as uow:
        due = "UPDATE identity.logout_notices SET next_try_at = now() - interval '1 second'"
        await uow.session.execute(text(due))


async def test_oidcc_backchannel_logout_discovery_endpoint_verification(
    visitor: RelyingParty,
) -> None:
    told = (await visitor.browser.get("/.well-known/openid-configuration")).json()
    assert told["backchannel_logout_supported"] is True
    assert told["backchannel_logout_session_supported"] is True


async def test_oidcc_backchannel_rp_initiated_logout(
    heard: RelyingParty, provider: Provider, listener: Listening
) -> None:
    given = await heard.tokens()
    answer = await sign_out(
        heard,
        id_token_hint=given["id_token"],
        post_logout_redirect_uri=AFTER_LOGOUT,
        state="some state",
    )
    assert went_back(answer) == {"state": "some state"}
    assert await deliver(provider.database) == 1
    claims = await claims_of(heard, listener.received[0])
    assert claims["sub"] == given["claims"]["sub"]
    assert claims["sid"] == given["claims"]["sid"]
    assert not await is_signed_in(heard)
    assert await deliver(provider.database) == 0


async def test_every_client_of_a_session_is_told_once_and_no_other(
    heard: RelyingParty, provider: Provider, listener: Listening
) -> None:
    other = replace(
        heard,
        client=await a_client(provider.database, backchannel_logout_uri=listener.address),
    )
    stranger = await a_client(provider.database, backchannel_logout_uri=listener.address)
    for _ in range(2):
        await heard.tokens()
        given = await other.tokens()
    await sign_out(other, id_token_hint=given["id_token"])
    await deliver(provider.database)
    told = [
        await claims_of(heard if n == 0 else other, raw)
        for n, raw in enumerate(
            sorted(listener.received, key=lambda raw: audience(raw) != heard.client.client_id)
        )
    ]
    assert [claims["aud"] for claims in told] == [heard.client.client_id, other.client.client_id]
    assert stranger.client_id not in str(told)


def audience(raw: str) -> str:
    """Return whom a token is for, unchecked."""
    told: str = json.loads(extract_compact(raw.encode()).payload)["aud"]
    return told


async def test_signing_out_on_the_account_page_tells_the_clients_too(
    heard: RelyingParty, provider: Provider, listener: Listening
) -> None:
    await heard.tokens()
    hidden = await heard.browser.form()
    await heard.browser.post("/account/sign-out", data=hidden)
    await deliver(provider.database)
    assert len(listener.received) == 1


async def test_a_client_that_is_down_is_tried_again(
    heard: RelyingParty, provider: Provider, listener: Listening
) -> None:
    given = await heard.tokens()
    listener.status = 503
    await sign_out(heard, id_token_hint=given["id_token"])
    assert await deliver(provider.database) >= 1
    assert await deliver(provider.database) == 0, "not before its time"
    notice = (await notices(provider.database))[-1]
    assert (notice.tries, notice.last_fault) == (1, "status 503")
    assert notice.delivered_at is None
    listener.status = 204
    await let_retries_come(provider.database)
    # The database outlives a test: another one's notice may be due again too.
    assert await deliver(provider.database) >= 1
    notice = (await notices(provider.database))[-1]
    assert (notice.tries, notice.last_fault) == (2, "")
    assert notice.delivered_at is not None
    mine = [raw for raw in listener.received if audience(raw) == heard.client.client_id]
    first, second = [await claims_of(heard, raw) for raw in mine]
    assert first["jti"] != second["jti"]


async def test_after_eight_tries_a_notice_is_given_up(
    heard: RelyingParty, provider: Provider, listener: Listening
) -> None:
    given = await heard.tokens()
    listener.status = 500
    await sign_out(heard, id_token_hint=given["id_token"])
    for _ in range(len(WAITS) + 1):
        await let_retries_come(provider.database)
        await deliver(provider.database)
    await let_retries_come(provider.database)
    assert await deliver(provider.database) == 0
    notice = (await notices(provider.database))[-1]
    assert notice.given_up_at is not None
    # Notices of other sessions may still be on their way to the same listener.
    about = [json.loads(extract_compact(one.encode()).payload) for one in listener.received]
    mine = [one for one in about if one["sid"] == str(notice.session_id)]
    assert len(mine) == len(WAITS) + 1


async def test_a_refusal_is_not_repeated_and_a_redirect_is_not_followed(
    heard: RelyingParty, provider: Provider, listener: Listening
) -> None:
    given = await heard.tokens()
    listener.status = 400
    await sign_out(heard, id_token_hint=given["id_token"])
    await deliver(provider.database)
    notice = (await notices(provider.database))[-1]
    assert (notice.last_fault, notice.given_up_at is not None) == ("status 400", True)
    await heard.browser.sign_in("amina@moh.example")
    given = await heard.tokens()
    listener.status, listener.headers = 307, {"Location": listener.address}
    await sign_out(heard, id_token_hint=given["id_token"])
    await deliver(provider.database)
    assert len(listener.received) == 2
    assert (await notices(provider.database))[-1].last_fault == "status 307"


@pytest.mark.parametrize(
    ("address", "issuer", "allowed"),
    [
        ("https://rp.example/logout", "https://bmms.example", True),
        ("http://rp.example/logout", "https://bmms.example", False),
        ("http://127.0.0.1:9000/logout", "https://bmms.example", False),
        ("http://127.0.0.1:9000/logout", "http://localhost:8080", True),
        ("http://169.254.169.254/latest", "http://localhost:8080", False),
        ("https://user:secret@rp.example/", "https://bmms.example", False),
        ("https://rp.example/#part", "https://bmms.example", False),
        ("file:///etc/passwd", "http://localhost:8080", False),
        ("gopher://127.0.0.1:6379/_", "http://localhost:8080", False),
        ("https:///nowhere", "https://bmms.example", False),
    ],
)
def test_asvs_1_3_6_a_notice_goes_by_https_or_stays_on_the_machine(
    address: str, issuer: str, allowed: bool
) -> None:
    assert is_allowed_address(address, issuer=issuer) is allowed
