"""Verification of the access tokens that identity issues (RFC 9068, SECURITY rulings)."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Protocol
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import extract_compact

from libs.tenancy.actor import Actor
from libs.tenancy.denials import DenySet

ALGORITHMS = ["ES256"]
LEEWAY_SECONDS = 30
MOST_REMEMBERED = 4096
REVOKED = "revoked"
ESSENTIAL = (
    *("iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope"),
    *("org", "org_code", "org_roles", "acr", "amr", "auth_time", "sid"),
)


class TokenRejected(Exception):
    """The token proves nothing; the message says which check failed, never the token."""


class KeysOutOfReach(ConnectionError):
    """The issuer does not answer, and never did or too long ago: no token can be judged."""


class KeySource(Protocol):
    """Where the public keys of the pinned issuer come from."""

    async def find(self, kid: str) -> KeySet | None:
        """Return a key set holding `kid`, or None when the issuer publishes no such key.

        Raises KeysOutOfReach when it cannot be known what the issuer publishes.
        """


class PublishedKeys:
    """The issuer's JWKS, fetched from one pinned address and kept for a while.

    Fresh for 300 s, usable for an hour when the issuer is away, and an unknown `kid` asks again
    at most once in 30 s, so that a flood of invented ids cannot flood the issuer.
    """

    FRESH_SECONDS = 300.0
    STALE_SECONDS = 3600.0
    UNKNOWN_KID_SECONDS = 30.0

    def __init__(self, url: str, *, client: httpx.AsyncClient | None = None) -> None:
        """Pin the address; `client` is given by tests that play the issuer."""
        self._url = url
        self._client = client or httpx.AsyncClient(timeout=5.0)
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> KeySet | None:
        """Return the published set when it holds `kid`; fetch it when old or when `kid` is new."""
        if self._age() > self.FRESH_SECONDS or not self._holds(kid):
            await self._fetch(kid)
        if self._age() > self.STALE_SECONDS:
            raise KeysOutOfReach
        return self._keys if self._holds(kid) else None

    def _age(self) -> float:
        return time.monotonic() - self._fetched_at

    def _holds(self, kid: str) -> bool:
        return self._keys is not None and any(key.kid == kid for key in self._keys.keys)

    async def _fetch(self, kid: str) -> None:
        async with self._lock:
            if self._age() <= self.FRESH_SECONDS and self._holds(kid):
                return
            wait = self.UNKNOWN_KID_SECONDS if self._keys is not None else 1.0
            if time.monotonic() - self._asked_at < wait:
                return
            self._asked_at = time.monotonic()
            try:
                answer = await self._client.get(self._url)
                answer.raise_for_status()
                published: KeySetSerialization = answer.json()
                self._keys = KeySet.import_key_set(published)
                self._fetched_at = time.monotonic()
            except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError):
                return  # whatever an answer may hold, the keys known so far stand


class TokenVerifier:
    """Turns a bearer token into an Actor, or rejects it."""

    def __init__(self, *, issuer: str, audience: str, keys: KeySource, denied: DenySet) -> None:
        """Pin who issues (`iss`), for whom (`aud`), where the keys are, and what is denied."""
        self.denied = denied
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._verified: dict[str, tuple[Actor, float]] = {}

    async def verify(self, raw: str) -> Actor:
        """Return who the token speaks for; raises TokenRejected with the failed check.

        A token found good is remembered until it expires: its signature cannot go bad. Whether it
        was taken away is asked every time.
        """
        known = self._verified.get(raw)
        if known is not None and known[1] >= time.time() - LEEWAY_SECONDS:
            actor = known[0]
        else:
            actor = await self._remember(raw)
        if self.denied.refuses(actor):
            raise TokenRejected(REVOKED)
        return actor

    async def _remember(self, raw: str) -> Actor:
        actor, expires = await self._verify(raw)
        if len(self._verified) >= MOST_REMEMBERED:
            self._verified.clear()
        self._verified[raw] = (actor, expires)
        return actor

    async def _verify(self, raw: str) -> tuple[Actor, float]:
        kid = _kid(raw)
        keys = await self._keys.find(kid)
        if keys is None:
            raise TokenRejected("the signing key is not published by the issuer")
        try:
            token = jwt.decode(raw, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise TokenRejected("the signature is not valid") from error
        self._check(token.claims)
        return _actor(token.claims), float(token.claims["exp"])

    def _check(self, claims: dict[str, Any]) -> None:
        missing = [name for name in ESSENTIAL if claims.get(name) is None]
        if missing:
            raise TokenRejected(f"claims missing: {', '.join(missing)}")
        if claims["iss"] != self._issuer:
            raise TokenRejected("another issuer")
        if claims["aud"] not in (self._audience, [self._audience]):
            raise TokenRejected("another audience")
        now = time.time()
        if not _is_instant(claims["exp"]) or claims["exp"] < now - LEEWAY_SECONDS:
            raise TokenRejected("expired")
        if not _is_instant(claims["iat"]) or claims["iat"] > now + LEEWAY_SECONDS:
            raise TokenRejected("issued in the future")
        if claims.get("nbf") is not None and not (
            _is_instant(claims["nbf"]) and claims["nbf"] <= now + LEEWAY_SECONDS
        ):
            raise TokenRejected("not valid yet")


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kid(raw: str) -> str:
    """Read the unverified header, only to choose the key; every header trick ends here."""
    try:
        header = extract_compact(raw.encode("ascii")).headers()
    except (JoseError, ValueError) as error:
        raise TokenRejected("not a signed token") from error
    if header.get("alg") not in ALGORITHMS:
        raise TokenRejected("another algorithm")
    if str(header.get("typ", "")).lower() not in ("at+jwt", "application/at+jwt"):
        raise TokenRejected("not an access token")
    if not isinstance(header.get("kid"), str):
        raise TokenRejected("no key id")
    return str(header["kid"])


def _actor(claims: dict[str, Any]) -> Actor:
    try:
        return Actor(
            user_id=UUID(claims["sub"]),
            org_id=UUID(claims["org"]),
            org_code=str(claims["org_code"]),
            roles=frozenset(_words(claims, "org_roles")),
            permissions=tuple(_words(claims, "permissions")),
            modules=frozenset(_words(claims, "modules")),
            session_id=str(claims["sid"]),
            bound_to=_bound_to(claims.get("cnf")),
            issued_at=float(claims["iat"]),
            **_stands_in(claims),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise TokenRejected("malformed claims") from error


def _stands_in(claims: dict[str, Any]) -> dict[str, Any]:
    """Return for whom the user has which permission, and the roles that these people have.

    Each is told as `PERMISSION PERSON ROLE,ROLE`.
    """
    told = [word.split(" ") for word in _words(claims, "stands_in")]
    return {
        "stands_in": {permission: UUID(person) for permission, person, _ in told},
        "roles_away": {UUID(person): frozenset(roles.split(",")) for _, person, roles in told},
    }


def _bound_to(confirmation: object) -> str:
    """Return the key that the token is bound to; a binding that we cannot check is no binding."""
    if confirmation is None:
        return ""
    if not isinstance(confirmation, dict) or set(confirmation) != {"jkt"}:
        raise ValueError("cnf")
    return str(confirmation["jkt"])


def _words(claims: dict[str, Any], name: str) -> list[str]:
    words = claims.get(name) or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(name)
    return words
