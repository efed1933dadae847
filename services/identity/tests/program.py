"""A program with a key of its own: it signs assertions and proofs, and can do it wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact

from services.identity.tests.browser import ISSUER, VERIFIER, Browser, challenge

CALLBACK = "https://rp.example/callback"
AMINA, ANALYST = "amina@moh.example", "analyst@ocm.example"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def a_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "alg": "ES256"})


def signed(header: dict[str, Any], claims: dict[str, Any], key: Any, alg: str = "ES256") -> str:
    return jwt.encode({"alg": alg, **header}, claims, key, algorithms=[alg])


def payload(token: str) -> dict[str, Any]:
    """Return what a token says, unverified."""
    told: dict[str, Any] = json.loads(extract_compact(token.encode()).payload)
    return told


def ath(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass
class Program:
    """A client at its own connection; `key` authenticates it, `proof_key` binds its tokens."""

    app: FastAPI
    client_id: str
    key: ECKey | None = None
    secret: str = ""
    proof_key: ECKey | None = None
    redirect_uri: str = CALLBACK
    sent: dict[str, Any] = field(default_factory=dict)

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Sign who the program is; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
            **changes,
        }
        assert self.key is not None
        told = {name: value for name, value in claims.items() if value is not None}
        return signed({"kid": self.key.kid, **(header or {})}, told, self.key)

    def proof(
        self,
        path: str,
        header: dict[str, Any] | None = None,
        *,
        method: str = "POST",
        **changes: Any,
    ) -> str:
        """Sign that the program holds its key; None leaves a claim out."""
        assert self.proof_key is not None
        claims = {
            "htm": method,
            "htu": f"{ISSUER}{path}",
            "iat": int(time.time()),
            "jti": secrets.token_hex(8),
            **changes,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        jwk = self.proof_key.as_dict(private=False)
        public = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
        named = {"typ": "dpop+jwt", "jwk": public, **(header or {})}
        kept = {name: value for name, value in named.items() if value is not None}
        return signed(kept, told, self.proof_key)

    async def post(
        self, path: str, headers: dict[str, str] | None = None, **fields: str | None
    ) -> httpx.Response:
        """Ask an endpoint, proving what can be proven; None leaves a field out."""
        proven: dict[str, str | None] = {"client_id": self.client_id}
        if self.key is not None:
            proven |= {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self.assertion(),
            }
        if self.secret:
            proven["client_secret"] = self.secret
        sent = {name: value for name, value in {**proven, **fields}.items() if value is not None}
        told = {"DPoP": self.proof(path)} if self.proof_key else {}
        async with self.alone() as connection:
            return await connection.post(path, data=sent, headers={**told, **(headers or {})})

    def alone(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ISSUER)

    def request(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": "some state",
            "nonce": "some nonce",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def push(self, headers: dict[str, str] | None = None, **changes: str | None) -> str:
        """Push a request and return its address."""
        answer = await self.post("/oauth2/par", headers, **self.request(**changes))
        assert answer.status_code == 201, answer.text
        address: str = answer.json()["request_uri"]
        return address

    async def open(self, browser: Browser, request_uri: str) -> httpx.Response:
        """Send a browser to the provider with a pushed request."""
        asked = {"client_id": self.client_id, "request_uri": request_uri}
        return await browser.get("/oauth2/authorize", params=asked)

    async def code(self, browser: Browser, **changes: str | None) -> str:
        """Return a code that the person in the browser gives."""
        return came_back(await self.open(browser, await self.push(**changes)))["code"]

    async def exchange(self, code: str, **changes: Any) -> httpx.Response:
        """Exchange a code."""
        fields = {
            "grant_type": "authorization_code",
            "redirect_uri": self.redirect_uri,
            "code": code,
            "code_verifier": VERIFIER,
            **changes,
        }
        return await self.post("/oauth2/token", **fields)

    async def tokens(self, browser: Browser, **changes: str | None) -> dict[str, Any]:
        """Return what a whole flow gives."""
        answer = await self.exchange(await self.code(browser, **changes))
        assert answer.status_code == 200, answer.text
        given: dict[str, Any] = answer.json()
        return given

    async def refresh(self, token: str, **changes: Any) -> httpx.Response:
        """Refresh."""
        fields = {"grant_type": "refresh_token", "refresh_token": token, **changes}
        return await self.post("/oauth2/token", **fields)

    async def trade(self, token: str, organization: str, **changes: Any) -> httpx.Response:
        """Exchange an access token for one of another organization."""
        fields = {
            "grant_type": EXCHANGE,
            "subject_token": token,
            "subject_token_type": ACCESS_TOKEN,
            "organization": organization,
            **changes,
        }
        return await self.post("/oauth2/token", **fields)

    async def call(self, token: str, *, scheme: str = "DPoP", **headers: str) -> httpx.Response:
        """Ask a service of ours who one is, as the token says."""
        path = "/api/v1/identity/me"
        told = {"Authorization": f"{scheme} {token}", **headers}
        if self.proof_key is not None and "DPoP" not in told:
            told["DPoP"] = self.proof(path, method="GET", ath=ath(token))
        async with self.alone() as connection:
            return await connection.get(path, headers=told)


def came_back(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters with which the browser comes to the program."""
    assert answer.status_code in (302, 303), (answer.status_code, answer.text)
    address = urlsplit(answer.headers["location"])
    assert address.hostname == "rp.example", answer.headers["location"]
    return dict(parse_qsl(address.query))


def error(answer: httpx.Response) -> str:
    assert answer.status_code in (400, 401), answer.text
    assert "access_token" not in answer.text
    told: str = answer.json()["error"]
    return told


def part(value: Any) -> str:
    raw = json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
