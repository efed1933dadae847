"""Shapes of clients: what an administrator registers, and what is told of it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, ReadShape, Shape, Title
from services.identity.clients.model import AuthMethod

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_ADDRESSES = 20
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")

Scope = Literal["openid", "profile", "email", "phone"]
GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:device_code",
]


def _address(value: str) -> str:
    """Allow https, http on the machine itself, and an application's own scheme (RFC 8252, 7)."""
    parts = urlsplit(value)
    if parts.scheme in ("http", "https"):
        is_local = parts.hostname in LOOPBACK
        if not parts.hostname or "@" in parts.netloc or not (parts.scheme == "https" or is_local):
            raise ValueError("an address on the web is https, or http on the machine itself")
    elif not _PRIVATE_SCHEME.fullmatch(parts.scheme):
        raise ValueError("a scheme of one's own is a reversed domain name, such as ph.example.app")
    if "#" in value or "*" in value:
        raise ValueError("an address has no fragment and no wildcard: it is compared as it is")
    return value


def _web_address(value: str) -> str:
    if urlsplit(value).scheme not in ("https", "http"):
        raise ValueError("an address on the web is https, or http on the machine itself")
    return _address(value)


Plain = StringConstraints(max_length=2000, pattern=r"^[\x21-\x7e]+$")
Address = Annotated[str, Plain, AfterValidator(_address)]
WebAddress = Annotated[str, Plain, AfterValidator(_web_address)]
Addresses = Annotated[list[Address], Field(max_length=MOST_ADDRESSES)]
Coordinate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Pattern = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^[a-z_,*]+\.[a-z_,*]+\.[a-z_,*]+$")
]


class PublicKey(Shape):
    """A P-256 key with which a client signs; a private part is refused."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Coordinate
    y: Coordinate
    kid: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    use: Literal["sig"] = "sig"
    alg: Literal["ES256"] = "ES256"


class PublicKeys(Shape):
    """The keys with which a client may sign, two while it turns from one to the next."""

    keys: Annotated[list[PublicKey], Field(min_length=1, max_length=5)]


class ClientChange(ChangeShape):
    """What of a client may change; how it authenticates is decided once."""

    name: Title = ""
    redirect_uris: Addresses = []  # noqa: RUF012 (pydantic copies it)
    post_logout_redirect_uris: Addresses = []  # noqa: RUF012 (pydantic copies it)
    backchannel_logout_uri: WebAddress | None = None
    jwks: PublicKeys | None = None
    is_first_party: bool = False
    grant_types: Annotated[list[GrantType], Field(min_length=1)] = []  # noqa: RUF012
    scopes: list[Scope] = []  # noqa: RUF012
    requires_pushed_requests: bool = False
    requires_dpop: bool = False
    permissions: Annotated[list[Pattern], Field(max_length=50)] = []  # noqa: RUF012


class ClientCreate(Shape):
    """A program that is to ask for tokens."""

    client_id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,58}[a-z0-9]$")]
    name: Title
    token_endpoint_auth_method: AuthMethod
    redirect_uris: Addresses = []  # noqa: RUF012 (pydantic copies it)
    post_logout_redirect_uris: Addresses = []  # noqa: RUF012 (pydantic copies it)
    backchannel_logout_uri: WebAddress | None = None
    jwks: PublicKeys | None = None
    is_first_party: bool = False
    grant_types: Annotated[list[GrantType], Field(min_length=1)] = [  # noqa: RUF012
        "authorization_code",
        "refresh_token",
    ]
    scopes: list[Scope] = ["openid"]  # noqa: RUF012 (pydantic copies it)
    requires_pushed_requests: bool = False
    requires_dpop: bool = False
    organization_id: Annotated[
        UUID | None, Field(description="For whom it acts in its own name, if it does.")
    ] = None
    permissions: Annotated[
        list[Pattern], Field(max_length=50, description="What it may do in its own name.")
    ] = []  # noqa: RUF012 (pydantic copies it)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for fault, sentence in faults_of(self):
            if fault:
                raise ValueError(sentence)
        return self


def faults_of(client: Any) -> list[tuple[bool, str]]:
    """Return what must not be so of a client as a whole, each with the sentence that says it."""
    method = client.token_endpoint_auth_method
    grants = set(client.grant_types)
    in_its_own_name = "client_credentials" in grants
    return [
        (
            ("authorization_code" in grants) != bool(client.redirect_uris),
            "A client has redirect_uris exactly when it may have authorization_code.",
        ),
        (
            (method == AuthMethod.private_key_jwt) != (client.jwks is not None),
            "A client has jwks exactly when it authenticates by private_key_jwt.",
        ),
        (
            in_its_own_name and (method == AuthMethod.none or client.organization_id is None),
            "Only a client that authenticates, for one organization, may have client_credentials.",
        ),
        (
            bool(client.permissions) and not in_its_own_name,
            "Only a client with client_credentials has permissions of its own.",
        ),
    ]


class ClientRead(ReadShape):
    """A client as administrators see it; of its secret only when it was changed."""

    id: UUID
    client_id: str
    name: str
    is_active: bool
    is_first_party: bool
    token_endpoint_auth_method: AuthMethod
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None
    jwks: PublicKeys | None
    grant_types: list[GrantType]
    scopes: list[Scope]
    requires_pushed_requests: bool
    requires_dpop: bool
    organization_id: UUID | None
    permissions: list[str]
    secret_changed_at: AwareDatetime | None
    version: Annotated[int, Field(description="The record's ETag is this number in quotes.")]
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ClientTold(ClientRead):
    """A client with its new secret, which is told this once and kept nowhere."""

    secret: Annotated[str | None, Field(description="Null for a client that has none.")]


class ClientPage(Page[ClientRead]):
    """One page of the clients."""


class ClientListParams(ListParams):
    """Which clients, and in which order."""

    is_active: bool | None = None
    sort: Literal["client_id", "-client_id", "name", "-name"] = "client_id"
