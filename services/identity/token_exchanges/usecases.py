"""What can be done by an exchange: switch to another organization, or observe one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from sqlalchemy.util import await_only

from services.identity.audit_events.usecases import record
from services.identity.authorizations.model import Authorization
from services.identity.authorizations.queries import find_family
from services.identity.clients.model import TOKEN_EXCHANGE
from services.identity.memberships.queries import list_open_organizations
from services.identity.organizations.model import Organization
from services.identity.organizations.queries import find_organization_by_code
from services.identity.proofs.usecases import AUTH_METHODS
from services.identity.rights.model import may_observe
from services.identity.rights.usecases import evaluate
from services.identity.signing_keys.usecases import read_own
from services.identity.token_exchanges.schemas import (
    ACCESS_TOKEN_TYPE,
    InvalidTarget,
    Observation,
    check_shape,
)
from services.identity.tokens.usecases import TokenProvider
from services.identity.users.usecases import become

NOT_YOURS = "You do not act for this organization."


class Exchange(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib is untyped
    """The grant of RFC 8693: the subject is always the person that the client acts for."""

    GRANT_TYPE = TOKEN_EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    server: TokenProvider

    def validate_token_request(self) -> None:
        """Find who asks: the client that the subject token was given to, for an open family."""
        client = self.authenticate_token_endpoint_client()
        self.request.client = client
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client may not exchange tokens.")
        told: dict[str, str] = self.request.form
        check_shape(told, audience=f"{self.server.issuer}/api")
        self.request.family = await_only(self._subject(told["subject_token"]))
        self.request.observation = Observation.read(told, self.server.uow.now())

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Give the new token; the old one stays good until it is over."""
        told: dict[str, str] = self.request.form
        token = await_only(self._exchange(self.request.family, told))
        return 200, token, self.TOKEN_RESPONSE_HEADER

    async def _subject(self, raw: str) -> Authorization:
        """Return the family of the caller's own token; raises InvalidGrantError for any other."""
        uow = self.server.uow
        claims = await read_own(uow, raw, typ="at+jwt") or {}
        bound_to = (claims.get("cnf") or {}).get("jkt")
        self.server.check_key(bound_to)
        if (
            claims.get("iss") != self.server.issuer
            or claims.get("client_id") != self.request.client.client_id
            or claims.get("exp", 0) <= uow.now().timestamp()
        ):
            raise InvalidGrantError("The subject token is not a token of yours that is still good.")
        family = await find_family(uow.session, UUID(claims["grant_id"]))
        if family is None or not family.is_open(uow.now()):
            raise InvalidGrantError("The grant behind the subject token is over.")
        if family.observed_from_id is not None:
            raise InvalidGrantError("Exchange the token of your own organization.")
        return family

    async def _exchange(self, family: Authorization, told: dict[str, str]) -> dict[str, Any]:
        scope = told.get("scope") or family.scope
        if not set(scope.split()) <= set(family.scope.split()):
            raise InvalidScopeError
        await become(self.server.uow, family.user.as_person())
        observation: Observation | None = self.request.observation
        if observation is None:
            target = await self._own(family, told["organization"])
            made = family.continue_in(target, scope=scope)
        else:
            target = await self._observable(family, told["organization"])
            made = family.continue_in(target, scope=scope)
            made.observe(
                family.organization, observation.purpose, observation.reference, observation.until
            )
        self.server.uow.session.add(made)
        await self._record(made, observation.until if observation else None)
        token = await self.server.mint_async(made, scope, self.request.client)
        return {**token, "issued_token_type": ACCESS_TOKEN_TYPE}

    async def _own(self, family: Authorization, code: str) -> Organization:
        """Return another organization of the person's; every other is refused alike."""
        if not self.server.choice.allows_choice:
            raise InvalidTarget("This installation does not let anybody switch.")
        for row in await list_open_organizations(self.server.uow.session, family.user_id):
            if row.code == code:
                return row
        raise InvalidTarget(NOT_YOURS)

    async def _observable(self, family: Authorization, code: str) -> Organization:
        """Return an organization that the oversight office may look into."""
        session = self.server.uow.session
        own = await evaluate(self.server.uow, family.user_id, family.organization_id)
        if own is None or not may_observe(own):
            raise InvalidTarget(NOT_YOURS)
        found = await find_organization_by_code(session, code)
        if found is None or not found.is_active or found.id == family.organization_id:
            raise InvalidTarget("There is no other organization of this code.")
        return found

    async def _record(self, made: Authorization, until: datetime | None) -> None:
        """Tell the trail of the organization that is acted for from now on."""
        what = {"client_id": made.client_id, "from": str(self.request.family.organization_id)}
        if until is not None:
            what |= {"purpose": made.purpose or "", "until": until.isoformat()}
        await record(
            self.server.uow,
            "oversight.begun" if until else "organization.switched",
            entity="authorization",
            entity_id=made.id,
            person_id=made.user_id,
            org_id=made.organization_id,
            after=what,
            reason=made.reference or "",
        )
