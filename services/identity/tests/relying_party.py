"""A relying party with a person's browser, as the conformance modules play both."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact
from sqlalchemy import text

from libs.chassis.database import Database
from services.identity.clients.model import AuthMethod, Client
from services.identity.tests.browser import ISSUER, Browser, challenge
from services.identity.tests.factories import OPERATOR

CALLBACK = "https://rp.example/callback"
AFTER_LOGOUT = "https://rp.example/signed-out"
PERSON = {"name", "preferred_username", "locale", "zoneinfo", "updated_at"}


@dataclass(frozen=True)
class Registered:
    """A client as its owner keeps it: the secret is known to no one else."""

    client_id: str
    secret: str = ""
    method: str = AuthMethod.none


async def a_client(database: Database, **values: Any) -> Registered:
    """Register a client, with a secret unless `token_endpoint_auth_method` differs."""
    told = {
        "client_id": f"rp-{secrets.token_hex(4)}",
        "name": "A relying party",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [AFTER_LOGOUT],
        "token_endpoint_auth_method": AuthMethod.client_secret_basic.value,
        "is_active": True,
        "is_first_party": True,
        **values,
    }
    async with database.unit_of_work(OPERATOR) as uow:
        client, secret = Client(**told), ""
        if client.token_endpoint_auth_method.startswith("client_secret"):
            secret = client.new_secret(uow.now())
        uow.session.add(client)
    return Registered(told["client_id"], secret, told["token_endpoint_auth_method"])


@dataclass
class RelyingParty:
    """Asks for codes through a browser, exchanges them, and believes nothing unchecked."""

    browser: Browser
    client: Registered
    response_mode: str | None = None
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    nonce: str | None = field(default_factory=lambda: secrets.token_urlsafe(8))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    @property
    def app(self) -> FastAPI:
        """The provider."""
        return self.browser.app

    def request(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of a request; None leaves one out."""
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge(self.verifier),
            "code_challenge_method": "S256",
            "response_mode": self.response_mode,
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def authorize(self, **changes: str | None) -> httpx.Response:
        """Send the browser to the provider."""
        return await self.browser.get("/oauth2/authorize", params=self.request(**changes))

    def answer(self, response: httpx.Response) -> dict[str, str]:
        """Return what came back to the callback, and check state and issuer (RFC 9207)."""
        told = self.came_back(response)
        assert told["state"] == self.state
        assert told["iss"] == ISSUER
        return told

    def came_back(self, response: httpx.Response) -> dict[str, str]:
        """Return the parameters with which the browser comes to the callback."""
        if self.response_mode == "form_post":
            assert response.status_code == 200, response.text
            form = re.search(r'<form method="post" action="([^"]+)">', response.text)
            assert form is not None
            assert unescape(form[1]) == CALLBACK
            found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', response.text)
            return {unescape(name): unescape(value) for name, value in found}
        assert response.status_code in (302, 303), (response.status_code, response.text)
        address = urlsplit(response.headers["location"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == CALLBACK
        return dict(parse_qsl(address.query, keep_blank_values=True))

    async def sign_in(self, response: httpx.Response, email: str) -> httpx.Response:
        """Fill in the form to which the browser was sent, and go on where it was going."""
        address = urlsplit(response.headers["location"])
        assert (response.status_code, address.path) == (303, "/account/sign-in"), response.text
        continue_to = dict(parse_qsl(address.query))["continue"]
        signed_in = await self.browser.sign_in(email, **{"continue": continue_to})
        assert signed_in.status_code == 303, signed_in.text
        answer = await self.browser.get(signed_in.headers["location"])
        choice = re.search(r'href="(/oauth2/authorize[^"]+organization=MOH)"', answer.text)
        return await self.browser.get(unescape(choice[1])) if choice else answer

    async def exchange(self, code: str, **changes: str) -> httpx.Response:
        """Exchange a code as the client was registered to."""
        fields = {
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code": code,
            "code_verifier": self.verifier,
            **changes,
        }
        return await self.token(fields)

    async def token(self, fields: dict[str, str]) -> httpx.Response:
        """Ask the token endpoint, proving who asks."""
        headers = {}
        if self.client.method == AuthMethod.client_secret_basic:
            both = f"{self.client.client_id}:{self.client.secret}".encode()
            headers = {"Authorization": f"Basic {base64.b64encode(both).decode()}"}
        else:
            fields = {"client_id": self.client.client_id, **fields}
        if self.client.method == AuthMethod.client_secret_post:
            fields = {**fields, "client_secret": self.client.secret}
        async with self.alone() as back_channel:
            return await back_channel.post("/oauth2/token", data=fields, headers=headers)

    def alone(self) -> httpx.AsyncClient:
        """Return the client's own connection, which has no cookie of the browser."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ISSUER)

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        """Return what a whole flow gives, checked; the person is signed in."""
        told = self.answer(await self.authorize(**changes))
        assert "code" in told, told
        answer = await self.exchange(told["code"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        given: dict[str, Any] = answer.json()
        assert given["token_type"] == "Bearer"
        if "id_token" in given:
            nonce = changes.get("nonce", self.nonce)
            given["claims"] = await self.id_token(given["id_token"], given, nonce)
        return given

    async def id_token(self, raw: str, given: dict[str, Any], nonce: str | None) -> dict[str, Any]:
        """Return the claims of an id token, after every check of OpenID Connect Core 3.1.3.7."""
        async with self.alone() as back_channel:
            keys = KeySet.import_key_set((await back_channel.get("/oauth2/jwks")).json())
        token = jwt.decode(raw, keys, algorithms=["ES256"])
        assert token.header["alg"] == "ES256"
        assert token.header["kid"] in {key.kid for key in keys.keys}
        claims: dict[str, Any] = token.claims
        now = time.time()
        assert claims["iss"] == ISSUER
        assert claims["aud"] == self.client.client_id
        assert claims["iat"] - 5 <= now < claims["exp"]
        assert 0 < len(claims["sub"]) <= 255
        assert claims.get("nonce") == nonce
        half = hashlib.sha256(given["access_token"].encode("ascii")).digest()[:16]
        assert claims["at_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
        return claims

    async def userinfo(self, access_token: str, method: str = "GET") -> httpx.Response:
        """Ask for the person's claims with the token in the header."""
        headers = {"Authorization": f"Bearer {access_token}"}
        async with self.alone() as back_channel:
            return await back_channel.request(method, "/oauth2/userinfo", headers=headers)


def is_a_dead_end(answer: httpx.Response) -> bool:
    """Whether an answer leads nowhere: a page of ours, with no code and no way on."""
    return (
        answer.status_code == 400
        and "location" not in answer.headers
        and answer.headers["content-type"].startswith("text/html")
        and "evil.example" not in urlsplit(answer.headers.get("refresh", "")).netloc
        and "<script" not in answer.text
    )


def renewed_nonce(renewed: dict[str, str], rp: RelyingParty) -> str | None:
    """Return the nonce to expect of a renewed id token: it may have the first one's, or none."""
    claims = json.loads(extract_compact(renewed["id_token"].encode()).payload)
    return rp.nonce if "nonce" in claims else None


def unsigned(parameters: dict[str, str]) -> str:
    """Return a request object with `alg` none."""
    claims = {"iss": parameters["client_id"], "aud": ISSUER, **parameters}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])


async def back_date(rp: RelyingParty, *, seconds: int) -> None:
    """Let a sign-in be some seconds older."""
    raw = (await rp.tokens())["claims"]["sid"]
    async with rp.app.state.database.unit_of_work(OPERATOR) as uow:
        sessions = "UPDATE identity.sign_in_sessions SET signed_in_at ="
        older = f"{sessions} signed_in_at - make_interval(secs => :by) WHERE id = :id"
        await uow.session.execute(text(older), {"by": seconds, "id": UUID(raw)})


async def claims_of(rp: RelyingParty, **changes: str | None) -> dict[str, object]:
    """Return what userinfo tells after a whole flow."""
    given = await rp.tokens(**changes)
    told = await rp.userinfo(given["access_token"])
    assert told.status_code == 200, told.text
    claims: dict[str, object] = told.json()
    assert claims["sub"] == given["claims"]["sub"]
    return claims
