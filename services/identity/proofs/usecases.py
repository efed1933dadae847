"""What can be done with proofs: let a client show its key, at any endpoint, once for each proof."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Error
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.util import await_only

from libs.outbox.uow import UnitOfWork
from libs.tenancy.dpop import Proof, ProofRejected, verify_proof
from services.identity.clients.model import AuthMethod, Client
from services.identity.clients.usecases import Asked, Provider
from services.identity.proofs.model import (
    ASSERTION_AHEAD,
    ASSERTION_LIFE,
    LONGEST_ASSERTION,
    UsedProof,
    digest_of,
)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["ES256"]
AUTH_METHODS = [method.value for method in AuthMethod]
PROVEN_METHODS = [method.value for method in AuthMethod if method is not AuthMethod.none]


class InvalidProof(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """The DPoP proof is missing or proves nothing (RFC 9449, 5)."""

    error = "invalid_dpop_proof"


class ProvingProvider(Provider):
    """Authlib's server where clients show who they are: a secret, a signed assertion, or nothing.

    `proof` is the request's DPoP proof, found good; the key of a token is the key of its request.
    """

    def __init__(self, uow: UnitOfWork, issuer: str, *, proof: Proof | None = None) -> None:
        """Take the unit of work, who issues, and the proof that came with the request."""
        super().__init__(uow)
        self.issuer = issuer
        self.proof = proof
        self.register_client_auth_method(AuthMethod.private_key_jwt.value, self._by_assertion)

    def authenticate_client(self, request: Any, methods: list[str], endpoint: str = "token") -> Any:
        """Return the client; one that shows two proofs of itself is refused (RFC 6749, 2.3)."""
        form = request.form
        shown = [
            str(request.headers.get("authorization", "")).lower().startswith("basic "),
            "client_secret" in form,
            "client_assertion" in form or "client_assertion_type" in form,
        ]
        if sum(shown) > 1:
            raise InvalidRequestError("Authenticate by one method, not by several.")
        client = super().authenticate_client(request, methods, endpoint)
        if form.get("client_id") not in (None, client.client_id):
            raise InvalidRequestError("The 'client_id' is not the client that authenticated.")
        return client

    def _by_assertion(self, query_client: Any, request: Any) -> Client | None:
        del query_client
        form = request.form
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        given = form.get("client_assertion", "")
        return await_only(client_of_assertion(self.uow, given, issuer=self.issuer))


async def client_of_assertion(uow: UnitOfWork, assertion: str, *, issuer: str) -> Client:
    """Return the client that signed an assertion (RFC 7523), which is used up by this.

    The audience is the issuer and nothing else, so that nobody to whom a client shows itself can
    show it to us (FAPI 2 Security Profile, 5.3.2.1).
    """
    client, claims = await _read_assertion(uow, assertion)
    at = uow.now()
    for name in ("iss", "sub"):
        if claims.get(name) != client.client_id:
            raise _refused(f"The assertion's '{name}' is not the client.")
    if claims.get("aud") != issuer:
        raise _refused("The assertion's 'aud' has to be the issuer, as a single value.")
    expires = _instant(claims, "exp")
    if expires is None or not at <= expires <= at + ASSERTION_LIFE + ASSERTION_AHEAD:
        raise _refused("The assertion has to expire within five minutes.")
    for name in ("iat", "nbf"):
        if (_instant(claims, name) or at) > at + ASSERTION_AHEAD:
            raise _refused(f"The assertion's '{name}' is in the future.")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 255:
        raise _refused("The assertion has no 'jti'.")
    kept_until = expires + timedelta(minutes=1)
    if not await use_once(uow, digest_of("assertion", client.client_id, jti), kept_until):
        raise _refused("The assertion was used before.")
    return client


async def _read_assertion(uow: UnitOfWork, assertion: str) -> tuple[Client, dict[str, Any]]:
    """Return who an assertion speaks of, and its claims, once that client's key has signed them."""
    provider = Provider(uow)
    try:
        if len(assertion) > LONGEST_ASSERTION:
            raise _refused("The assertion is too long.")
        unverified = jws.extract_compact(assertion.encode("ascii"))
        if unverified.headers().get("alg") not in ASSERTION_ALGORITHMS:
            raise _refused("The assertion's algorithm is not one of ours.")
        claimed = _claims_before_trust(unverified.payload).get("sub")
        client = await uow.session.run_sync(
            lambda _: provider.query_client(claimed) if isinstance(claimed, str) else None
        )
        if client is None or client.jwks is None:
            raise _refused("The client cannot authenticate by an assertion.")
        published: KeySetSerialization = client.jwks  # type: ignore[assignment]
        keys = KeySet.import_key_set(published)
        return client, dict(jwt.decode(assertion, keys, algorithms=ASSERTION_ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise _refused("The assertion is not signed by the client.") from None


def _claims_before_trust(payload: bytes) -> dict[str, Any]:

    claims = json.loads(payload)
    return claims if isinstance(claims, dict) else {}


async def proof_of(uow: UnitOfWork, asked: Asked) -> Proof | None:
    """Return the proof that came with a request, used up by this; None when there is none."""
    given = [value for name, value in _headers(asked) if name == "dpop"]
    if not given:
        return None
    if len(given) > 1:
        raise InvalidProof("The proof was rejected: there must be one.")
    at = uow.now().timestamp()
    try:
        proof = verify_proof(given[0], method=asked.method, url=asked.uri, at=at)
    except ProofRejected as rejected:
        raise InvalidProof(f"The proof was rejected: {rejected}.") from None
    until = datetime.fromtimestamp(proof.expires_at, UTC)
    if not await use_once(uow, digest_of("dpop", proof.thumbprint, proof.jti), until):
        raise InvalidProof("The proof was used before.")
    return proof


async def use_once(uow: UnitOfWork, digest: str, expires_at: datetime) -> bool:
    """Use a proof in one statement; False when somebody used it before."""
    used = await uow.session.scalar(
        insert(UsedProof)
        .values(digest=digest, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(UsedProof.digest)
    )
    return used is not None


def _headers(asked: Asked) -> list[tuple[str, str]]:
    raw = getattr(asked.headers, "multi_items", None) or asked.headers.items
    return [(name.lower(), value) for name, value in raw()]


def _instant(claims: dict[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _refused(f"The assertion's '{name}' is not an instant.")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise _refused(f"The assertion's '{name}' is not an instant.") from None


def _refused(description: str) -> InvalidClientError:
    return InvalidClientError(description=description, status_code=401)
