"""`bmms token`: an access token for scripts, by the same code + PKCE flow that every program uses.

Nothing is bypassed: the sign-in form is read and posted, the code comes on the redirect address
(which is read and not fetched), and the verifier goes to the token endpoint.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import httpx
import typer

from deploy.local.settings import LocalSettings, running_settings
from deploy.local.trouble import CannotStart

CLIENT_ID = "bmms-cli"
REDIRECT_URI = "http://127.0.0.1/callback"
MOST_REDIRECTS = 5


def token(
    email: Annotated[str, typer.Option(help="The address of the account.")],
    organization: Annotated[
        str | None, typer.Option(help="Code of one of its organizations; else its first.")
    ] = None,
) -> None:
    """Print an access token; the password is the demo account's, or comes on standard input."""
    settings = running_settings()
    password = demo_password(settings.home, email) or _asked_password(email)
    print(access_token(settings, email, password, organization))


def access_token(
    settings: LocalSettings, email: str, password: str, organization: str | None = None
) -> str:
    """Sign in through the gateway and return an access token."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    request = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "state": secrets.token_urlsafe(16),
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **({"organization": organization} if organization else {}),
    }
    try:
        with browser_for(settings) as browser:
            code = _authorize(browser, request, email, password)
            return _exchange(browser, code, verifier)
    except httpx.TransportError as silent:
        raise CannotStart(
            f"{settings.issuer} does not answer ({silent}): start the stack with `make up`"
        ) from silent


def browser_for(settings: LocalSettings, **headers: str) -> httpx.Client:
    """Return a client of the gateway; a proxy of this machine's is not asked for loopback."""
    is_near = httpx.URL(settings.issuer).host in ("localhost", "127.0.0.1")
    return httpx.Client(
        base_url=settings.issuer, headers=headers, timeout=30, trust_env=not is_near
    )


def demo_password(home: Path, email: str) -> str | None:
    """Return the password that the demo file holds for an address."""
    try:
        accounts = json.loads((home / "demo-accounts.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return next((each["password"] for each in accounts if each["email"] == email), None)


def _asked_password(email: str) -> str:
    """Read the password from standard input, hidden when a person types it."""
    if sys.stdin.isatty():
        typed: str = typer.prompt(f"Password of {email}", hide_input=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\n")


def _authorize(browser: httpx.Client, request: dict[str, str], email: str, password: str) -> str:
    """Follow the flow like a browser up to the redirect address, and return the code on it."""
    answer = browser.get("/oauth2/authorize", params=request)
    has_signed_in = False
    for _ in range(MOST_REDIRECTS):
        if answer.is_redirect:
            address = httpx.URL(answer.headers["location"])
            if str(address).startswith(REDIRECT_URI):
                return _code(address, request["state"])
            answer = browser.get(address)
        elif not has_signed_in and (form := SignInForm.of(answer)).fields:
            has_signed_in = True
            fields = {**form.fields, "email": email, "password": password}
            answer = browser.post(form.action, data=fields)
        else:
            break
    raise CannotStart(f"{email} could not sign in: {_sentence(answer)}")


def _code(address: httpx.URL, state: str) -> str:
    told = {name: values[0] for name, values in parse_qs(urlsplit(str(address)).query).items()}
    if "error" in told:
        raise CannotStart(f"no token: {told.get('error_description') or told['error']}")
    if told.get("state") != state:
        raise CannotStart("no token: the answer belongs to another request")
    return told["code"]


def _exchange(browser: httpx.Client, code: str, verifier: str) -> str:
    answer = browser.post(
        "/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "code": code,
            "code_verifier": verifier,
        },
    )
    if answer.is_error:
        raise CannotStart(f"no token: {answer.status_code} {answer.text[:300]}")
    issued: str = answer.json()["access_token"]
    return issued


def _sentence(answer: httpx.Response) -> str:
    """Return what a page says in its alert or heading, in one line."""
    reader = SignInForm()
    reader.feed(answer.text)
    return " ".join((reader.alert or reader.heading or f"status {answer.status_code}").split())


class SignInForm(HTMLParser):
    """The sign-in page as a browser sees it: where its form goes, and the fields it carries."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.alert = ""
        self.heading = ""
        self._inside = ""

    @classmethod
    def of(cls, answer: httpx.Response) -> SignInForm:
        """Read a page."""
        reader = cls()
        reader.feed(answer.text)
        return reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notice forms, hidden fields, and where sentences begin."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and given.get("name"):
            self.fields[given["name"]] = given.get("value", "")
        elif given.get("role") == "alert":
            self._inside = "alert"
        elif tag == "h1":
            self._inside = "heading"

    def handle_endtag(self, tag: str) -> None:
        """Notice where sentences end."""
        if tag in ("p", "h1", "div"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the sentences that a person would read."""
        if self._inside == "alert":
            self.alert += data
        elif self._inside == "heading":
            self.heading += data
