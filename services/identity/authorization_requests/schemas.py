"""What the authorization endpoint answers, and its own two pages."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from pydantic import BaseModel, Field

from services.identity.pages.schemas import Page

SUBMIT = "document.forms[0].submit()"
"""The one script of ours: it sends the form on. Its digest in the policy lets no other run."""

_SUBMIT_DIGEST = base64.b64encode(hashlib.sha256(SUBMIT.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer that the browser takes to the client's own address."""

    redirect_uri: str
    parameters: tuple[tuple[str, str], ...]
    mode: str

    @property
    def address(self) -> str:
        """The address with the answer in its query."""
        told: str = add_params_to_uri(self.redirect_uri, list(self.parameters))
        return told


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that names no good client or address: only the person can be told."""

    text: str


@dataclass(frozen=True, slots=True)
class SignInNeeded:
    """Nobody is signed in, or not freshly or strongly enough; afterwards come back here."""

    continue_to: str
    needs_factor: bool = False
    login_hint: str = ""
    ui_locales: str = ""


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """The person must decide what a client that is not ours may know."""

    resume: str
    client_id: str
    client_name: str
    redirect_uri: str
    scopes: tuple[str, ...]
    full_name: str


Outcome = Sent | Refused | SignInNeeded | ConsentNeeded


class Decision(BaseModel):
    """The fields of the consent form."""

    resume: Annotated[str, Field(max_length=100)]
    csrf_token: Annotated[str, Field(max_length=100)] = ""
    decision: Literal["allow", "deny"]


def origin_of(address: str) -> str:
    """Return an address's origin, as a content security policy names it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPage(Page):
    """Asks a person what a client may know about them."""

    template = "consent.html"

    client_name: str
    client_host: str
    scopes: tuple[str, ...]
    resume: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPostPage(Page):
    """Carries an answer to a client in a form (OAuth 2.0 Form Post Response Mode)."""

    template = "form_post.html"

    address: str
    fields: tuple[tuple[str, str], ...]
    script: str = SUBMIT

    def headers(self) -> dict[str, str]:
        """Return the usual headers, with one script allowed and one place to send the form."""
        usual = Page.headers(self)
        policy = (
            f"default-src 'none'; script-src 'sha256-{_SUBMIT_DIGEST}'; style-src 'self';"
            " img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
            f" form-action {origin_of(self.address)}"
        )
        # The answer holds a code: its address must not travel on.
        told = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        return {**usual, **told}
