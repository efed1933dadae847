"""The addresses of a sign-in, and the cookies of its browser."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from services.identity.sessions.model import Step

AFTER_SIGN_IN = "/account"
AUTHORIZE = "/oauth2/authorize?"
OUR_PAGES = (AUTHORIZE, "/device?", "/account?", "/account/")
STEPS = {
    None: "/account/sign-in",
    Step.second_factor: "/account/second-factor",
    Step.new_password: "/account/new-password",
    Step.enrolment: "/account/enrolment",
}


def sign_in_address(continue_to: str) -> str:
    """Return the address of the form for someone on the way to somewhere."""
    return f"/account/sign-in?{urlencode({'continue': continue_to})}"


def step_address(awaited: str | None, continue_to: str) -> str:
    """Return the page of the step that a session awaits, on the way to somewhere."""
    address = STEPS[Step(awaited) if awaited else None]
    return f"{address}?{urlencode({'continue': continue_to})}" if continue_to else address


def second_factor_address(continue_to: str) -> str:
    """Return where someone who is signed in shows more than a password, or sets it up first."""
    return step_address(Step.second_factor, continue_to)


def next_address(continue_to: str) -> str:
    """Return where to go after signing in: an address of our own or nowhere special."""
    if "\\" in continue_to or not continue_to.startswith(OUR_PAGES):
        return AFTER_SIGN_IN
    if urlsplit(continue_to).path in ("/account/sign-in", "/account/sign-out"):
        return AFTER_SIGN_IN
    return continue_to


def asks_for_choice(continue_to: str) -> bool:
    """Tell whether a client waits that has not said for which organization."""
    if not continue_to.startswith(AUTHORIZE):
        return False
    return "organization" not in dict(parse_qsl(urlsplit(continue_to).query))


def with_organization(continue_to: str, code: str) -> str:
    """Return the waiting client's request for one organization."""
    return f"{continue_to}&{urlencode({'organization': code})}"


@dataclass(frozen=True, slots=True)
class Cookies:
    """The names and rules of identity's cookies; with https they are bound to this host."""

    is_secure: bool

    @classmethod
    def of(cls, issuer: str) -> Cookies:
        """Return the cookies of an installation, by its public address."""
        return cls(issuer.startswith("https://"))

    @property
    def session(self) -> str:
        """The name of the session's cookie."""
        return f"{self._prefix}bmms_session"

    @property
    def csrf(self) -> str:
        """The name of the cookie that a form must repeat."""
        return f"{self._prefix}bmms_csrf"

    @property
    def device(self) -> str:
        """The name of the cookie by which a browser is known again."""
        return f"{self._prefix}bmms_device"

    @property
    def language(self) -> str:
        """The name of the cookie that remembers the language."""
        return f"{self._prefix}bmms_language"

    @property
    def _prefix(self) -> str:
        return "__Host-" if self.is_secure else ""


def is_from_own_page(
    *,
    token: str,
    cookie: str | None,
    site: str | None,
    origin: str | None = None,
    host: str = "",
    issuer: str = "",
) -> bool:
    """Tell whether a form was sent by a page of ours: it repeats the cookie that came with it.

    `site` and `origin` are the browser's own words; absent in programs. A page of ours names the
    issuer's origin, or the very host it was sent to.
    """
    if site not in (None, "same-origin", "none"):
        return False
    if origin is not None and origin != issuer and urlsplit(origin).netloc != host:
        return False
    return bool(cookie) and hmac.compare_digest(token.encode(), str(cookie).encode())
