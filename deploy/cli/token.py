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
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import typer

from deploy.local.settings import LocalSettings, running_settings
from deploy.local.trouble import CannotStart

CLIENT_ID = "bmms-cli"
REDIRECT_URI = "http://127.0.0.1/callback"
SIGN_IN = "/account/sign-in"
SECOND_FACTOR = "/account/second-factor"
MOST_STEPS = 15
HALF_MINUTE = 30


def token(
    email: Annotated[str, typer.Option(help="The address of the account.")],
    organization: Annotated[
        str | None, typer.Option(help="Code of one of its organizations; else its first.")
    ] = None,
) -> None:
    """Print an access token; the password is the demo account's, or comes on standard input."""
    settings = running_settings()
    account = demo_account(settings.home, email)
    if account is not None:
        person = Credentials(email, account["password"], account.get("totp_secret"))
    else:
        person = Credentials(email, _asked(f"Password of {email}", is_hidden=True))
    print(access_token(settings, person, organization))


@dataclass(frozen=True)
class Credentials:
    """What someone signs in with; without a secret, a code is asked for where one is needed."""

    email: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)

    def codes(self) -> Iterator[str]:
        """Yield the codes that count now, the oldest first: each opens once (RFC 6238, 5.2).

        Whoever signs in more often than that waits for the next half minute.
        """
        if self.totp_secret is None:
            yield _asked(f"Code of {self.email}")
            return
        app = pyotp.HOTP(self.totp_secret)
        now = int(time.time()) // HALF_MINUTE
        yield from (app.at(now + drift) for drift in (-1, 0, 1))
        time.sleep(HALF_MINUTE - time.time() % HALF_MINUTE)
        yield app.at(now + 2)


def access_token(
    settings: LocalSettings, person: Credentials, organization: str | None = None
) -> str:
    """Sign in through the gateway and return an access token."""
    try:
        with browser_for(settings) as browser:
            return token_in(browser, person, organization)
    except httpx.TransportError as silent:
        raise CannotStart(
            f"{settings.issuer} does not answer ({silent}): start the stack with `make up`"
        ) from silent


def token_in(browser: httpx.Client, person: Credentials, organization: str | None = None) -> str:
    """Sign in with a browser, which stays signed in, and return an access token."""
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
    return _exchange(browser, _authorize(browser, request, person), verifier)


def browser_for(settings: LocalSettings, **headers: str) -> httpx.Client:
    """Return a client of the gateway; a proxy of this machine's is not asked for loopback."""
    is_near = httpx.URL(settings.issuer).host in ("localhost", "127.0.0.1")
    return httpx.Client(
        base_url=settings.issuer, headers=headers, timeout=30, trust_env=not is_near
    )


def demo_account(home: Path, email: str) -> dict[str, str] | None:
    """Return what the demo file holds for an address."""
    try:
        accounts = json.loads((home / "demo-accounts.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return next((each for each in accounts if each["email"] == email), None)


def _asked(what: str, *, is_hidden: bool = False) -> str:
    """Read a line from standard input, hidden when a person types a password."""
    if sys.stdin.isatty():
        typed: str = typer.prompt(what, hide_input=is_hidden, err=True)
        return typed
    return sys.stdin.readline().rstrip("\n")


def _authorize(browser: httpx.Client, request: dict[str, str], person: Credentials) -> str:
    """Follow the flow like a browser up to the redirect address, and return the code on it."""
    answer, codes = browser.get("/oauth2/authorize", params=request), person.codes()
    has_signed_in = False
    for _ in range(MOST_STEPS):
        form = SignInForm.of(answer)
        if answer.is_redirect:
            address = httpx.URL(answer.headers["location"])
            if str(address).startswith(REDIRECT_URI):
                return _code(address, request["state"])
            answer = browser.get(address)
        elif form.action == SIGN_IN and not has_signed_in:
            has_signed_in = True
            fields = {**form.fields, "email": person.email, "password": person.password}
            answer = browser.post(form.action, data=fields)
        elif form.action == SECOND_FACTOR and (code := next(codes, None)):
            answer = browser.post(form.action, data={**form.fields, "code": code})
        elif form.first_choice:
            answer = browser.get(form.first_choice)
        else:
            break
    raise CannotStart(f"{person.email} could not sign in: {_sentence(answer)}")


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
    """A page of the sign-in as a browser sees it: where its form goes, and what it carries.

    Of several forms the one that asks for something typed counts.
    """

    def __init__(self) -> None:
        """Nothing is read yet."""
        super().__init__()
        self.alert = ""
        self.heading = ""
        self.first_choice = ""
        self._inside = ""
        self._forms: list[tuple[str, dict[str, str], bool]] = []

    @classmethod
    def of(cls, answer: httpx.Response) -> SignInForm:
        """Read a page."""
        reader = cls()
        reader.feed(answer.text)
        return reader

    @property
    def _form(self) -> tuple[str, dict[str, str], bool]:
        typed = [form for form in self._forms if form[2] and form[0] in (SIGN_IN, SECOND_FACTOR)]
        return (typed or [("", {}, False)])[0]

    @property
    def action(self) -> str:
        """Where the form goes."""
        return self._form[0]

    @property
    def fields(self) -> dict[str, str]:
        """What the form carries."""
        return self._form[1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notice forms, hidden fields, and where sentences begin."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._forms.append((given.get("action", ""), {}, False))
        elif tag == "input" and given.get("name") and self._forms:
            action, fields, is_typed = self._forms[-1]
            fields[given["name"]] = given.get("value", "")
            is_typed = is_typed or given.get("type") != "hidden"
            self._forms[-1] = (action, fields, is_typed)
        elif tag == "a" and "organization=" in given.get("href", ""):
            self.first_choice = self.first_choice or given["href"]
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
