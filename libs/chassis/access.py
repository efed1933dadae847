"""Who may come in: token, organization in the path, module, permission, in that order."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from libs.refusals import Forbidden, Refusal
from libs.tenancy.actor import Actor
from libs.tenancy.tokens import TokenRejected

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


class ModuleDisabled(Forbidden):
    """The organization has this module switched off."""

    title = "This module is switched off for your organization."


class NotPermitted(Forbidden):
    """The caller's rights in this organization do not include this."""

    title = "Your rights in this organization do not include this."


async def current_actor(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """Return the verified actor of a request whose path, if it names one, is its organization."""
    if credentials is None:
        raise NotSignedIn
    try:
        actor: Actor = await request.app.state.verifier.verify(credentials.credentials)
    except TokenRejected as rejected:
        raise NotSignedIn(
            f"The access token was rejected: {rejected}.",
            challenge='Bearer error="invalid_token"',
        ) from rejected
    code = request.path_params.get("org_code")
    if code is not None:
        if code != actor.org_code:
            raise OtherOrganization
        module = request.app.state.module
        if module is not None and module not in actor.modules:
            raise ModuleDisabled
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def requires(permission: str) -> Any:
    """Return the route dependency that refuses callers without `service.noun.verb`."""

    async def permitted(actor: CurrentActor) -> None:
        if not actor.may(permission):
            raise NotPermitted(f"The permission {permission} is needed.")

    permitted.__dict__["permission"] = permission
    return Depends(permitted)


def permissions_of(dependencies: list[params.Depends]) -> list[str]:
    """Return the permissions that a route requires; for the checks over all operations."""
    found = (getattr(depends.dependency, "permission", None) for depends in dependencies)
    return [permission for permission in found if permission]
