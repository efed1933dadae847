"""What the sign-in form sends, and the cookies of its browser."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

AFTER_SIGN_IN = "/account"
AUTHORIZE = "/oauth2/authorize?"
DEVICE = "/device?"


class SignInForm(BaseModel):
    """The fields of the form; `continue` is where the browser was on its way to."""

    model_config = ConfigDict(populate_by_name=True)

    email: Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")] = ""
    password: Annotated[str, Field(max_length=1024, repr=False)] = ""
    csrf_token: Annotated[str, Field(max_length=100)] = ""
    continue_to: Annotated[str, Field(max_length=4000, alias="continue")] = ""


def sign_in_address(continue_to: str) -> str:
    """Return the address of the form for someone on the way to somewhere."""
    return f"/account/sign-in?{urlencode({'continue': continue_to})}"


def next_address(continue_to: str) -> str:
    """Return where to go after signing in: our own authorize endpoint or nowhere special."""
    return continue_to if continue_to.startswith((AUTHORIZE, DEVICE)) else AFTER_SIGN_IN


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
    def _prefix(self) -> str:
        return "__Host-" if self.is_secure else ""


def is_from_own_page(*, token: str, cookie: str | None, site: str | None) -> bool:
    """Tell whether a form was sent by a page of ours: it repeats the cookie that came with it.

    `site` is the browser's own word, Sec-Fetch-Site; absent in programs and over plain http.
    """
    if site not in (None, "same-origin", "none"):
        return False
    return bool(cookie) and hmac.compare_digest(token.encode(), str(cookie).encode())
