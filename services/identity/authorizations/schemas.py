"""What a client asks at the authorization endpoint, read from the request's parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from services.identity.clients.model import Client

SCOPE_CLAIMS: dict[str, tuple[str, ...]] = {
    "profile": ("name", "preferred_username", "locale", "zoneinfo", "updated_at"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
}
"""Which claims about a person each scope opens (OpenID Connect Core, 5.4)."""

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
FRESH_PROMPTS = frozenset({"login", "select_account"})
RESPONSE_MODES = ("query", "form_post")


@dataclass(frozen=True, slots=True)
class ClaimsWish:
    """The `claims` parameter (OpenID Connect Core, 5.5): names by place, and what must be so."""

    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()
    subject: str | None = None
    essential_acr: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: str | None) -> ClaimsWish:
        """Read the parameter; raises InvalidRequestError when it is not such an object."""
        if not raw:
            return cls()
        try:
            told = json.loads(raw)
        except (ValueError, RecursionError):
            raise InvalidRequestError("Invalid 'claims' parameter.") from None
        places = [_members(told.get(place) if isinstance(told, dict) else told) for place in PLACES]
        subject = _values(places[1].get("sub"))
        acr = places[1].get("acr") or {}
        return cls(
            userinfo=tuple(places[0]),
            id_token=tuple(places[1]),
            subject=subject[0] if subject else None,
            essential_acr=_values(acr) if acr.get("essential") is True else (),
        )


PLACES = ("userinfo", "id_token")


def _members(told: Any) -> dict[str, dict[str, Any]]:
    members = {} if told is None else told
    if not isinstance(members, dict) or not all(
        value is None or isinstance(value, dict) for value in members.values()
    ):
        raise InvalidRequestError("Invalid 'claims' parameter.")
    return {name: value or {} for name, value in members.items()}


def _values(member: Mapping[str, Any] | None) -> tuple[str, ...]:
    if not member:
        return ()
    listed = member.get("values")
    found = listed if isinstance(listed, list) else [member.get("value")]
    return tuple(value for value in found if isinstance(value, str))


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that may be answered at the client's own address: client and address are good."""

    client: Client
    redirect_uri: str
    scope: str
    parameters: Mapping[str, str]
    prompts: frozenset[str]
    max_age: int | None
    claims: ClaimsWish = field(default_factory=ClaimsWish)

    @classmethod
    def read(
        cls, client: Client, redirect_uri: str, scope: str, parameters: Mapping[str, str]
    ) -> Wish:
        """Read what OpenID Connect adds; raises InvalidRequestError."""
        return cls(
            client=client,
            redirect_uri=redirect_uri,
            scope=scope,
            parameters=parameters,
            prompts=_prompts(parameters.get("prompt", "")),
            max_age=_max_age(parameters.get("max_age")),
            claims=ClaimsWish.read(parameters.get("claims")),
        )

    @property
    def is_silent(self) -> bool:
        """Whether no page may be shown."""
        return "none" in self.prompts

    @property
    def wants_fresh(self) -> bool:
        """Whether the person must prove again who they are."""
        return bool(self.prompts & FRESH_PROMPTS)

    @property
    def wanted_claims(self) -> dict[str, list[str]]:
        """The claims asked one by one that the client may have, by place; empty places left out."""
        open_to = {name for scope in self.client.scopes for name in SCOPE_CLAIMS.get(scope, ())}
        named = {
            "userinfo": [name for name in self.claims.userinfo if name in open_to],
            "id_token": [name for name in self.claims.id_token if name in open_to],
        }
        return {place: names for place, names in named.items() if names}

    @property
    def consent_scopes(self) -> list[str]:
        """What a person consents to: the scopes, and those whose claims are asked one by one."""
        named = {name for names in self.wanted_claims.values() for name in names}
        opened = [scope for scope, names in SCOPE_CLAIMS.items() if named & set(names)]
        return list(dict.fromkeys([*self.scope.split(), *opened]))


def response_mode(parameters: Mapping[str, str]) -> str:
    """Return how to answer; what is unknown is answered, with an error, in the usual way."""
    asked = parameters.get("response_mode", "query")
    return asked if asked in RESPONSE_MODES else "query"


def _prompts(raw: str) -> frozenset[str]:
    prompts = frozenset(raw.split())
    if prompts - PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequestError("Invalid 'prompt' parameter.")
    return prompts


def _max_age(raw: str | None) -> int | None:
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 12):
        raise InvalidRequestError("Invalid 'max_age' parameter.")
    return int(raw)


def claims_of_scopes(scopes: Iterable[str]) -> list[str]:
    """Return the names of the claims that scopes open."""
    return [name for scope in scopes for name in SCOPE_CLAIMS.get(scope, ())]
