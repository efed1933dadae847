"""Who may come in: token, organization in the path, module, permission, in that order."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from libs.chassis.revocation_feed import Feed
from libs.chassis.settings import ServiceSettings
from libs.chassis.throttle import Throttle
from libs.refusals import Forbidden, Refusal
from libs.tenancy.actor import Actor
from libs.tenancy.denials import DenySet
from libs.tenancy.dpop import ALGORITHMS, ProofRejected, UsedProofs, verify_proof
from libs.tenancy.tokens import PublishedKeys, TokenRejected, TokenVerifier

READING = ("GET", "HEAD", "OPTIONS")

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="An access token.")


class NotSignedIn(Refusal):
    """There is no token, or it proves nothing."""

    status = 401
    title = "Sign in first: a valid access token is needed."

    def __init__(self, detail: str | None = None, *, challenge: str = "Bearer") -> None:
        """Take the failed check; the answer carries the challenge of RFC 6750."""
        super().__init__(detail)
        self.headers = {"WWW-Authenticate": challenge}


class OtherOrganization(Forbidden):
    """The path names another organization than the token, known or unknown: the same answer."""

    title = "Your token is not for the organization in this address."


class RevocationFeedSilent(Refusal):
    """Nobody here knows whose rights were taken away meanwhile: 503 for whatever would write."""

    status = 503
    title = "Changes must wait: it is not known just now whose rights have been taken away."

    def __init__(self) -> None:
        """Say that reading goes on, and when to try again."""
        super().__init__("Nothing was changed, and reading goes on. Try again in a few seconds.")
        self.headers = {"Retry-After": "5"}


class ModuleDisabled(Forbidden):
    """The organization has this module switched off."""

    title = "This module is switched off for your organization."


class NotPermitted(Forbidden):
    """The caller's rights in this organization do not include this."""

    title = "Your rights in this organization do not include this."


async def nothing_more(_actor: Actor) -> None:
    """Check nothing beyond the token and the deny set; identity itself asks its database too."""


async def current_actor(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """Return the verified actor of a request whose path, if it names one, is its organization."""
    del credentials  # for the API description; a token may also come as `DPoP`
    actor = await signed_in_actor(request)
    denied = request.app.state.verifier.denied
    if denied.is_silent and request.method not in READING:
        raise RevocationFeedSilent
    code = request.path_params.get("org_code")
    if code is not None:
        if code != actor.org_code:
            raise OtherOrganization
        module = request.app.state.module
        if module is not None and module not in actor.modules:
            raise ModuleDisabled
    return actor


async def signed_in_actor(request: Request) -> Actor:
    """Return whom the request's token speaks for; a token that is bound to a key wants its proof.

    Such a token is refused as a bearer token, and any other one as `DPoP` (RFC 9449, 7.1 and 7.2).
    """
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known  # the request starts over: a proof is good for one look only
    actor = request.state.actor = await _verified(request)
    request.app.state.throttle.count(actor)
    return actor


async def _verified(request: Request) -> Actor:
    scheme, _, raw = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "dpop") or not raw:
        raise NotSignedIn
    try:
        actor: Actor = await request.app.state.verifier.verify(raw.strip())
        await request.app.state.check_revoked(actor)
    except TokenRejected as rejected:
        raise _refused(scheme, f"The access token was rejected: {rejected}.") from rejected
    if scheme.lower() == "bearer":
        if actor.bound_to:
            raise _refused("DPoP", "The access token is bound to a key; send its proof.")
        return actor
    if not actor.bound_to:
        raise _refused("DPoP", "The access token is not bound to a key; send it as Bearer.")
    try:
        _check_proof(request, actor, raw.strip())
    except ProofRejected as rejected:
        raise _refused("DPoP", f"The proof was rejected: {rejected}.", "invalid_dpop_proof") from (
            rejected
        )
    return actor


def _check_proof(request: Request, actor: Actor, raw: str) -> None:
    proofs = request.headers.getlist("dpop")
    if len(proofs) != 1:
        raise ProofRejected("there must be one")
    proof = verify_proof(
        proofs[0],
        method=request.method,
        url=f"{request.app.state.public_url}{request.scope['path']}",
        at=time.time(),
        access_token=raw,
    )
    if proof.thumbprint != actor.bound_to:
        raise ProofRejected("made with another key")
    used: UsedProofs = request.app.state.used_proofs
    used.use(proof)


def _refused(scheme: str, detail: str, error: str = "invalid_token") -> NotSignedIn:
    if scheme.lower() == "bearer":
        return NotSignedIn(detail, challenge=f'Bearer error="{error}"')
    algorithms = " ".join(ALGORITHMS)
    return NotSignedIn(detail, challenge=f'DPoP error="{error}", algs="{algorithms}"')


CurrentActor = Annotated[Actor, Depends(current_actor)]


def requires(permission: str) -> Any:
    """Return the route dependency that refuses callers without `service.noun.verb`."""

    async def permitted(request: Request, actor: CurrentActor) -> None:
        if not actor.may(permission):
            raise NotPermitted(f"The permission {permission} is needed.")
        if permission.endswith(".export"):
            request.app.state.throttle.count_export(actor)
        request.state.permission = permission

    permitted.__dict__["permission"] = permission
    return Depends(permitted)


def permissions_of(dependencies: list[params.Depends]) -> list[str]:
    """Return the permissions that a route requires; for the checks over all operations."""
    found = (getattr(depends.dependency, "permission", None) for depends in dependencies)
    return [permission for permission in found if permission]


def install_trust(app: FastAPI, service: str, settings: ServiceSettings) -> None:
    """Give an application what it judges tokens by, and counts their accounts' requests with."""
    app.state.used_proofs = UsedProofs()
    app.state.throttle = Throttle(settings.requests_per_hour)
    denied = DenySet(silent_after=settings.silence_seconds)
    app.state.feed = Feed(service, settings.feed_url, denied)
    app.state.check_revoked = nothing_more
    app.state.verifier = TokenVerifier(
        issuer=settings.issuer,
        audience=settings.audience,
        keys=PublishedKeys(settings.jwks_url),
        denied=denied,
    )
