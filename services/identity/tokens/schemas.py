"""The claims of the tokens that identity signs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from uuid_utils.compat import uuid7

from services.identity.authorizations.model import Authorization
from services.identity.rights.model import Rights
from services.identity.userinfo.schemas import person_claims

ACCESS_LIFE = timedelta(seconds=300)
ID_LIFE = timedelta(seconds=300)


def access_claims(
    family: Authorization, rights: Rights, *, issuer: str, scope: str, at: float
) -> dict[str, Any]:
    """Return the claims of an access token (RFC 9068), with the one active organization."""
    ends_at = min(int(at) + int(ACCESS_LIFE.total_seconds()), int(family.expires_at.timestamp()))
    if rights.ends_at is not None:
        ends_at = min(ends_at, int(rights.ends_at.timestamp()))
    return {
        "iss": issuer,
        "aud": f"{issuer}/api",
        "sub": str(family.user_id),
        "client_id": family.client_id,
        "iat": at,
        "exp": ends_at,
        "jti": str(uuid7()),
        "scope": scope,
        "sid": str(family.session_id),
        "grant_id": str(family.id),
        "acr": family.acr,
        "amr": family.amr,
        "auth_time": int(family.authenticated_at.timestamp()),
        "org": str(family.organization_id),
        "org_code": family.organization.code,
        "org_roles": list(rights.roles),
        "permissions": list(rights.permissions),
        "modules": list(rights.modules),
        **({"stands_in": list(rights.stands_in)} if rights.stands_in else {}),
        **_observation(family),
    }


def _observation(family: Authorization) -> dict[str, Any]:
    """Return who observes from where and why (RFC 8693, 4.1); nothing for who acts at home."""
    home = family.observed_from
    if home is None:
        return {}
    actor = {"sub": str(family.user_id), "org": str(home.id), "org_code": home.code}
    return {"act": actor, "purpose": family.purpose}


def id_claims(family: Authorization, scope: str) -> dict[str, Any]:
    """Return what an id token says about the person, and which session it belongs to."""
    told = person_claims(family.user, scope.split(), family.claims.get("id_token", ()))
    return {**told, "sid": str(family.session_id)}
