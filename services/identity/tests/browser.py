"""A browser with a client behind it, for identity's tests."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pyotp
from fastapi import FastAPI

from services.identity.tests.factories import PASSWORD, TOTP_SECRET

ISSUER = "http://localhost:8080"
VERIFIER = "v" * 43
CALLBACK = "http://127.0.0.1/callback"


def challenge(verifier: str = VERIFIER) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Browser(httpx.AsyncClient):
    """A browser at the application, with cookies, that follows no redirect by itself."""

    def __init__(self, app: FastAPI, *, address: str = "192.0.2.7") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 40000))
        super().__init__(transport=transport, base_url=ISSUER)
        self.app = app
        self.totp_secret = TOTP_SECRET

    async def form(self, continue_to: str = "") -> dict[str, str]:
        """Open the sign-in page and return its hidden fields."""
        page = await self.get("/account/sign-in", params={"continue": continue_to})
        assert page.status_code == 200
        return hidden_fields(page.text)

    async def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Show a password and, where the page asks for it, a code of the tests' authenticator."""
        hidden = await self.form()
        data = {**hidden, "email": email, "password": password, **fields}
        answer = await self.post("/account/sign-in", data=data)
        if answer.headers.get("location", "").startswith("/account/second-factor"):
            return await self.second_factor(answer.headers["location"])
        return answer

    async def second_factor(self, address: str = "/account/second-factor") -> httpx.Response:
        """Enter the oldest code that still counts: each opens once."""
        hidden = hidden_fields((await self.get(address)).text)
        now = int(time.time()) // 30
        for drift in (-1, 0, 1):
            code = pyotp.HOTP(self.totp_secret).at(now + drift)
            answer = await self.post("/account/second-factor", data={**hidden, "code": code})
            if answer.status_code == 303:
                break
        return answer

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

    async def tokens(
        self, email: str, password: str = PASSWORD, **changes: str | None
    ) -> dict[str, Any]:
        """Sign in and return what the token endpoint gives; requests carry it from here on."""
        signed_in = await self.sign_in(email, password)
        assert signed_in.status_code == 303, signed_in.text
        answer = await self.exchange(await self.code(**changes))
        assert answer.status_code == 200, answer.text
        given: dict[str, Any] = answer.json()
        self.headers["Authorization"] = f"Bearer {given['access_token']}"
        return given


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's forms, as a browser would send them."""
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def sent_back(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters with which the browser is sent back to the client."""
    assert answer.status_code == 302, (answer.status_code, answer.text)
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == CALLBACK
    return dict(parse_qsl(address.query))
