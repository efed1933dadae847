"""What a client asks at the end-session endpoint, what is answered, and the page that asks back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from authlib.common.urls import add_params_to_uri
from pydantic import BaseModel, Field

from services.identity.pages.schemas import Page

Plain = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]


class LogoutForm(BaseModel):
    """The parameters, in an address or in a form; all others are passed over."""

    id_token_hint: Annotated[str, Field(max_length=8000)] = ""
    client_id: Plain = ""
    post_logout_redirect_uri: Plain = ""
    state: Plain = ""
    csrf_token: Annotated[str, Field(max_length=100)] = ""


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The session has ended; `address` is where the client wants the browser, or nothing."""

    address: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmationNeeded:
    """Only the person can say whether they want this."""

    client_id: str = ""
    client_name: str = ""
    post_logout_redirect_uri: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class LogoutRefused:
    """The request names an address or a client that does not fit; nobody is signed out."""

    text: str


LogoutOutcome = SignedOut | ConfirmationNeeded | LogoutRefused


def address_back(post_logout_redirect_uri: str, state: str) -> str:
    """Return the client's address, with its state when it gave one."""
    if not (post_logout_redirect_uri and state):
        return post_logout_redirect_uri
    told: str = add_params_to_uri(post_logout_redirect_uri, [("state", state)])
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmLogoutPage(Page):
    """Asks a person whether they want to sign out."""

    template = "confirm_logout.html"

    asked: ConfirmationNeeded
