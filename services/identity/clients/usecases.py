"""What can be done with clients: know the product's own, register others, change and disable them.

Beside it stands what every OAuth endpoint shares: Authlib's server over one database session.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Payload, OAuth2Request
from sqlalchemy.util import await_only

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.clients import queries
from services.identity.clients.model import (
    DEVICE_CODE,
    GRANT_TYPES,
    SCOPES,
    TOKEN_EXCHANGE,
    WITH_SECRET,
    Client,
    ClientContradictory,
    ClientIdTaken,
)
from services.identity.clients.schemas import (
    ClientChange,
    ClientCreate,
    ClientRead,
    ClientTold,
    faults_of,
)

_NEVER_QUOTED = ("state", "claims", "login_hint")
_QUOTABLE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")


async def ensure_clients(uow: UnitOfWork, issuer: str) -> list[str]:
    """Register the product's own clients, or repair their addresses; returns what changed."""
    changed = []
    for wanted in (
        Client.public(
            "bmms-cli",
            "BMMS command line",
            "http://127.0.0.1/callback",
            grant_types=[*GRANT_TYPES, TOKEN_EXCHANGE, DEVICE_CODE],
        ),
        Client.public(
            "bmms-web",
            "BMMS console",
            f"{issuer}/callback",
            post_logout_redirect_uris=[f"{issuer}/"],
            grant_types=[*GRANT_TYPES, TOKEN_EXCHANGE],
        ),
    ):
        known = await uow.session.get(Client, wanted.client_id)
        if known is None:
            uow.session.add(wanted)
            changed.append(wanted.client_id)
            continue
        for name in ("redirect_uris", "post_logout_redirect_uris", "grant_types"):
            if getattr(known, name) != (told := getattr(wanted, name) or []):
                setattr(known, name, told)
                changed.append(wanted.client_id)
    return list(dict.fromkeys(changed))


async def create_client(uow: UnitOfWork, body: ClientCreate) -> ClientTold:
    """Register a client; its secret, if it has one, is told this once."""
    if await uow.session.get(Client, body.client_id) is not None:
        raise ClientIdTaken
    client = Client(**body.model_dump(mode="json", exclude={"organization_id"}), is_active=True)
    client.organization_id = body.organization_id
    method = client.token_endpoint_auth_method
    secret = client.new_secret(uow.now()) if method in WITH_SECRET else None
    uow.session.add(client)
    await uow.flush()
    await _record(uow, client, "created", after=_state(client))
    return _told(client, secret)


async def change_client(uow: UnitOfWork, client_id: str, body: ClientChange) -> Client:
    """Change what a client may ask for and where it is answered; what was issued stays."""
    client = await queries.get_client(uow.session, client_id, lock=True)
    uow.expect(client)
    before = _state(client)
    for name, value in body.model_dump(mode="json", include=body.model_fields_set).items():
        setattr(client, name, value)
    for is_fault, sentence in faults_of(client):
        if is_fault:
            raise ClientContradictory(sentence)
    await uow.flush()
    await _record(uow, client, "changed", before=before, after=_state(client))
    return client


async def rotate_secret_of_client(uow: UnitOfWork, client_id: str) -> ClientTold:
    """Give a client a new secret, told this once; the old one opens nothing any more."""
    client = await queries.get_client(uow.session, client_id, lock=True)
    secret = client.new_secret(uow.now())
    await uow.flush()
    await _record(uow, client, "secret_rotated")
    return _told(client, secret)


async def disable_client(uow: UnitOfWork, client_id: str) -> Client:
    """Let a client ask for nothing any more: neither codes nor tokens, old or new."""
    client = await queries.get_client(uow.session, client_id, lock=True)
    client.disable()
    await uow.flush()
    await _record(uow, client, "disabled")
    return client


async def enable_client(uow: UnitOfWork, client_id: str) -> Client:
    """Let a disabled client ask again."""
    client = await queries.get_client(uow.session, client_id, lock=True)
    client.enable()
    await uow.flush()
    await _record(uow, client, "enabled")
    return client


def _told(client: Client, secret: str | None) -> ClientTold:
    return ClientTold(**ClientRead.model_validate(client).model_dump(), secret=secret)


def _state(client: Client) -> dict[str, Any]:
    told = ClientRead.model_validate(client).model_dump(mode="json")
    return {name: value for name, value in told.items() if name not in ("updated_at", "version")}


async def _record(uow: UnitOfWork, client: Client, verb: str, **what: Any) -> None:
    await record(
        uow,
        f"client.{verb}",
        entity="client",
        entity_id=client.id,
        **{"after": {"client_id": client.client_id}, **what},
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as Authlib gives it: JSON when `body` is a mapping."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """An HTTP request as Authlib reads it: its parameters, in order, and its headers."""

    method: str
    uri: str
    parameters: list[tuple[str, str]]
    headers: Mapping[str, str]

    @property
    def fault(self) -> str | None:
        """What makes the request unreadable before anything else is looked at, or None.

        A parameter comes once (RFC 6749, 3.1 and 3.2). Authlib quotes values in its error
        descriptions, where RFC 6749 (5.2) allows few characters; some are never quoted.
        """
        names = [name for name, _ in self.parameters]
        for name, value in self.parameters:
            if not _QUOTABLE.fullmatch(name):
                return "A parameter has an unreadable name."
            if names.count(name) > 1:
                return f"The parameter {name} came more than once."
            is_free = name in _NEVER_QUOTED and "\x00" not in value
            if not is_free and not _QUOTABLE.fullmatch(value):
                return f"The parameter {name} holds a character that does not belong there."
        return None


def form_fields(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Return the fields of a posted form in order; raises ValueError when it is none."""
    if (
        content_type.split(";", maxsplit=1)[0].strip().lower()
        != "application/x-www-form-urlencoded"
    ):
        raise ValueError("Send the fields as application/x-www-form-urlencoded.")
    return parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=30
    )


class _Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib is untyped
    def __init__(self, parameters: Iterable[tuple[str, str]]) -> None:
        self._parameters = list(parameters)

    @property
    def data(self) -> dict[str, str]:
        return dict(self._parameters)

    @property
    def datalist(self) -> dict[str, list[str]]:
        listed: dict[str, list[str]] = {}
        for name, value in self._parameters:
            listed.setdefault(name, []).append(value)
        return listed


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib is untyped
    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.method, asked.uri, headers=asked.headers)
        self.payload = _Payload(asked.parameters)

    @property
    def form(self) -> dict[str, str]:
        data: dict[str, str] = self.payload.data
        return data


class Provider(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's server for one request, in one unit of work.

    Authlib is synchronous throughout: run it inside `AsyncSession.run_sync`, whose greenlet lets
    `await_only` wait for our own asynchronous queries.
    """

    def __init__(self, uow: UnitOfWork) -> None:
        """Take the request's unit of work."""
        super().__init__(scopes_supported=list(SCOPES))
        self.uow = uow
        self._clients: dict[str, Client | None] = {}

    def query_client(self, client_id: str) -> Client | None:
        """Return an active client; Authlib asks for it again at each of its steps."""
        if client_id not in self._clients:
            self._clients[client_id] = await_only(queries.find_client(self.uow.session, client_id))
        return self._clients[client_id]

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Asked | OAuth2Request) -> OAuth2Request:
        """Read our own form of a request."""
        return _Request(request) if isinstance(request, Asked) else request

    def handle_response(self, status: int, body: Any, headers: Iterable[tuple[str, str]]) -> Answer:
        """Give our own form of an answer."""
        return Answer(status, body, dict(headers))
