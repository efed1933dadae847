"""Proofs of possession (RFC 9449): a stolen token is worth nothing without its holder's key."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

ALGORITHMS = ["ES256"]
LONGEST = 4096
LIFE_SECONDS = 60
AHEAD_SECONDS = 10
MOST_REMEMBERED = 20_000


class ProofRejected(Exception):
    """The proof proves nothing; the message says which check failed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof found good: whose key, and what tells it from every other proof."""

    thumbprint: str
    jti: str
    expires_at: float


class UsedProofs:
    """The proofs that this process has seen and that are still young: each is good once.

    Past its size the oldest are forgotten first, so that a flood costs memory for nobody.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._seen: dict[tuple[str, str], float] = {}

    def use(self, proof: Proof) -> None:
        """Remember a proof; raises ProofRejected when it was used before."""
        now = time.time()
        while self._seen and (
            len(self._seen) >= MOST_REMEMBERED or next(iter(self._seen.values())) < now
        ):
            del self._seen[next(iter(self._seen))]
        key = (proof.thumbprint, proof.jti)
        if key in self._seen:
            raise ProofRejected("used before")
        self._seen[key] = proof.expires_at


def verify_proof(
    raw: str, *, method: str, url: str, at: float, access_token: str | None = None
) -> Proof:
    """Check a DPoP proof for one request to `url`, and for the access token that goes with it."""
    key = _key(raw)
    try:
        claims = jwt.decode(raw, key, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise ProofRejected("the signature is not valid") from error
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 255:
        raise ProofRejected("no id")
    if claims.get("htm") != method:
        raise ProofRejected("for another method")
    if _address(claims.get("htu")) != _address(url):
        raise ProofRejected("for another address")
    _check_times(claims, at)
    if access_token is not None and claims.get("ath") != _digest(access_token):
        raise ProofRejected("for another access token")
    return Proof(key.thumbprint(), jti, claims["iat"] + LIFE_SECONDS + AHEAD_SECONDS)


def _key(raw: str) -> ECKey:
    """Return the public key that the proof names itself: the token says which one it must be."""
    try:
        if len(raw) > LONGEST:
            raise ProofRejected("too long")
        header = jws.extract_compact(raw.encode("ascii")).headers()
        if header.get("typ") != "dpop+jwt":
            raise ProofRejected("not a proof")
        if header.get("alg") not in ALGORITHMS:
            raise ProofRejected("another algorithm")
        jwk = header.get("jwk")
        if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            raise ProofRejected("no key of the right kind")
        if "d" in jwk:
            raise ProofRejected("with a private key")
        return ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProofRejected("not a signed proof") from error


def _check_times(claims: dict[str, Any], at: float) -> None:
    for name in ("iat", "nbf", "exp"):
        value = claims.get(name)
        if value is None and name != "iat":
            continue
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ProofRejected(f"{name} is not an instant")
    if not at - LIFE_SECONDS <= claims["iat"] <= at + AHEAD_SECONDS:
        raise ProofRejected("too old, or from the future")
    if claims.get("nbf", at) > at + AHEAD_SECONDS or claims.get("exp", at) < at:
        raise ProofRejected("not valid now")


def _address(url: object) -> tuple[str, str, int | None, str]:
    """Return what of an address is compared: neither query nor fragment (RFC 9449, 4.3)."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
        return (parts.scheme.lower(), parts.hostname or "", port, parts.path or "/")
    except ValueError as error:
        raise ProofRejected("for no address") from error


def _digest(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
