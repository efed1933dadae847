"""The provider's description of itself over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from libs.tenancy.dpop import ALGORITHMS as PROOF_ALGORITHMS
from services.identity.authorizations.schemas import PROMPTS, RESPONSE_MODES, claims_of_scopes
from services.identity.clients.model import ALL_GRANT_TYPES, SCOPES
from services.identity.proofs.usecases import (
    ASSERTION_ALGORITHMS,
    AUTH_METHODS,
    PROVEN_METHODS,
)
from services.identity.signing_keys.model import ALGORITHM

router = APIRouter(include_in_schema=False)

ACR_VALUES = ("urn:bmms:pwd", "urn:bmms:mfa")
TOKEN_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid")


@router.get("/.well-known/openid-configuration")
@router.get("/.well-known/oauth-authorization-server")
async def describe_provider(request: Request) -> dict[str, Any]:
    issuer = request.app.state.settings.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth2/par",
        "device_authorization_endpoint": f"{issuer}/oauth2/device_authorization",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(ALL_GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        **_authentication("token_endpoint", AUTH_METHODS),
        **_authentication("revocation_endpoint", AUTH_METHODS),
        **_authentication("introspection_endpoint", PROVEN_METHODS),
        "dpop_signing_alg_values_supported": PROOF_ALGORITHMS,
        "require_pushed_authorization_requests": False,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [*TOKEN_CLAIMS, *claims_of_scopes(SCOPES)],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "acr_values_supported": list(ACR_VALUES),
        "prompt_values_supported": sorted(PROMPTS),
        "display_values_supported": ["page"],
        "ui_locales_supported": ["en", "fil"],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def _authentication(endpoint: str, methods: list[str]) -> dict[str, list[str]]:
    return {
        f"{endpoint}_auth_methods_supported": methods,
        f"{endpoint}_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
    }
