"""What a program gets in its own name."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from authlib.oauth2.rfc6749 import InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from sqlalchemy.util import await_only
from uuid_utils.compat import uuid7

from services.identity.clients.model import Client
from services.identity.organizations.model import Organization
from services.identity.organizations.queries import get_organization
from services.identity.proofs.usecases import PROVEN_METHODS
from services.identity.revocations.usecases import issue_time
from services.identity.signing_keys.usecases import sign
from services.identity.tokens.schemas import ACCESS_LIFE
from services.identity.tokens.usecases import TokenProvider, confirmation

_PROGRAMS = UUID("8c0a1f0e-7d7e-5d0c-9a53-6f2c5a9b1e11")


def subject_of(client_id: str) -> UUID:
    """Return the id by which a program is known in records; it can be nobody's user id."""
    return uuid5(_PROGRAMS, client_id)


class ClientCredentials(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib is untyped
    """The grant of RFC 6749 (4.4), for clients that an organization has registered for itself."""

    GRANT_TYPE = "client_credentials"
    TOKEN_ENDPOINT_AUTH_METHODS = PROVEN_METHODS
    server: TokenProvider

    def validate_token_request(self) -> None:
        """Let in only who has a secret or key of its own and acts for an organization."""
        client = self.authenticate_token_endpoint_client()
        self.request.client = client
        if not client.check_grant_type(self.GRANT_TYPE) or client.organization_id is None:
            raise UnauthorizedClientError("The client does not act in its own name.")
        asked = set((self.request.payload.scope or "").split())
        if asked - {"api"}:
            raise InvalidScopeError("A program in its own name has the scope 'api' alone.")

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Give an access token, and nothing to renew it with."""
        return 200, await_only(self._give(self.request.client)), self.TOKEN_RESPONSE_HEADER

    async def _give(self, client: Client) -> dict[str, Any]:
        uow = self.server.uow
        assert client.organization_id is not None
        organization = await get_organization(uow.session, client.organization_id)
        if not organization.is_active or self.server.choice.only not in (None, organization.code):
            raise UnauthorizedClientError("The client's organization is closed.")
        subject = subject_of(client.client_id)
        at = await issue_time(uow, session_id=subject, user_id=subject, org_id=organization.id)
        claims = self._claims(client, organization, at)
        proof = self.server.proof
        key = confirmation(proof.thumbprint if proof else None)
        return {
            "access_token": await sign(uow, claims | key, typ="at+jwt"),
            "token_type": "DPoP" if proof else "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "scope": "api",
        }

    def _claims(self, client: Client, organization: Organization, at: float) -> dict[str, Any]:
        subject = str(subject_of(client.client_id))
        return {
            "iss": self.server.issuer,
            "aud": f"{self.server.issuer}/api",
            "sub": subject,
            "sid": subject,
            "client_id": client.client_id,
            "iat": at,
            "auth_time": int(at),
            "exp": int(at) + int(ACCESS_LIFE.total_seconds()),
            "jti": str(uuid7()),
            "scope": "api",
            "acr": "urn:bmms:client",
            "amr": [client.token_endpoint_auth_method],
            "org": str(organization.id),
            "org_code": organization.code,
            "org_roles": [],
            "permissions": list(client.permissions),
            "modules": list(organization.modules),
        }
