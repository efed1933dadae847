"""What can be done with device authorizations: ask, answer, and fetch the tokens."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc8628 import AuthorizationPendingError, ExpiredTokenError, SlowDownError
from sqlalchemy.util import await_only

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.authorizations.model import Authorization
from services.identity.authorizations.queries import find_family
from services.identity.authorizations.usecases import Choice
from services.identity.clients.model import DEVICE_CODE
from services.identity.clients.usecases import Answer, Asked
from services.identity.device_authorizations import queries
from services.identity.device_authorizations.model import (
    INTERVAL_SECONDS,
    LIFE,
    DeviceAuthorization,
    DeviceStatus,
    new_user_code,
    shown,
)
from services.identity.logouts.usecases import take_part
from services.identity.memberships.queries import list_open_organizations
from services.identity.organizations.model import Organization
from services.identity.proofs.usecases import AUTH_METHODS, ProvingProvider
from services.identity.sessions.model import (
    NotThisOrganization,
    SignInSession,
    digest,
    new_secret,
)
from services.identity.tokens.usecases import Terms, TokenProvider
from services.identity.users.usecases import become


async def begin(uow: UnitOfWork, asked: Asked, terms: Terms) -> Answer:
    """Give a device its two codes; nothing is granted until a person has typed the short one."""
    provider = ProvingProvider(uow, terms.issuer, proof=terms.proof)
    request = provider.create_oauth2_request(asked)
    client = await uow.session.run_sync(
        lambda _: provider.authenticate_client(request, AUTH_METHODS, "token")
    )
    if not client.check_grant_type(DEVICE_CODE):
        raise UnauthorizedClientError("The client may not ask for a device.")
    scope = client.get_allowed_scope(request.payload.scope)
    if not scope:
        raise InvalidScopeError
    device_code, user_code = new_secret(), new_user_code()
    uow.session.add(
        DeviceAuthorization(
            device_digest=digest(device_code),
            user_digest=digest(user_code),
            client_id=client.client_id,
            scope=scope,
            expires_at=uow.now() + LIFE,
            dpop_jkt=terms.proof.thumbprint if terms.proof else None,
        )
    )
    page = f"{terms.issuer}/device"
    body = {
        "device_code": device_code,
        "user_code": shown(user_code),
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={shown(user_code)}",
        "expires_in": int(LIFE.total_seconds()),
        "interval": INTERVAL_SECONDS,
    }
    return Answer(200, body, {})


async def list_choices(
    uow: UnitOfWork, sign_in: SignInSession, choice: Choice
) -> list[Organization]:
    """Return the organizations for which the person may let a device act."""
    open_to = await list_open_organizations(uow.session, sign_in.user_id)
    if choice.only is not None:
        return [row for row in open_to if row.code == choice.only]
    return open_to if choice.allows_choice else open_to[:1]


async def find_pending(uow: UnitOfWork, user_code: str) -> DeviceAuthorization:
    """Return the request of the device that shows this code, with the program that asks."""
    return await queries.get_pending(uow.session, user_code, uow.now())


async def allow(
    uow: UnitOfWork, sign_in: SignInSession, user_code: str, code: str, choice: Choice
) -> None:
    """Let the device that shows this code act for the person, for one organization of theirs."""
    device = await queries.get_pending(uow.session, user_code, uow.now(), lock=True)
    chosen = [row for row in await list_choices(uow, sign_in, choice) if row.code == code]
    if not chosen:
        raise NotThisOrganization
    family = Authorization.grant(sign_in, device.client, chosen[0], scope=device.scope)
    uow.session.add(family)
    await uow.session.flush()
    device.approve(family)
    await take_part(uow, session_id=sign_in.id, user_id=sign_in.user_id, client_id=device.client_id)
    await record(
        uow,
        "device.approved",
        entity="authorization",
        entity_id=family.id,
        person_id=sign_in.user_id,
        org_id=chosen[0].id,
        after={"client_id": device.client_id},
    )


async def deny(uow: UnitOfWork, user_code: str) -> None:
    """Turn the device away; its code opens nothing any more."""
    (await queries.get_pending(uow.session, user_code, uow.now(), lock=True)).deny()


class DeviceGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib is untyped
    """The grant of RFC 8628 (3.4): the device asks again and again, not too often."""

    GRANT_TYPE = DEVICE_CODE
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    server: TokenProvider

    def validate_token_request(self) -> None:
        """Find what the device asked for, and what was answered."""
        client = self.authenticate_token_endpoint_client()
        self.request.client = client
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client may not ask for a device.")
        code = self.request.form.get("device_code")
        if not code:
            raise InvalidRequestError("Missing 'device_code' in request.")
        session, at = self.server.uow.session, self.server.uow.now()
        device = await_only(queries.find_of_device(session, code))
        if device is None or device.client_id != client.client_id:
            raise InvalidGrantError("Invalid 'device_code' in request.")
        self.server.check_key(device.dpop_jkt)
        if refusal := _refusal(device, at):
            raise refusal
        self.request.device = device

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Give the tokens, once."""
        token = await_only(self._give(self.request.device))
        return 200, token, self.TOKEN_RESPONSE_HEADER

    async def _give(self, device: DeviceAuthorization) -> dict[str, Any]:
        uow = self.server.uow
        family = await find_family(uow.session, device.authorization_id)
        if family is None or not family.is_open(uow.now()):
            raise InvalidGrantError("What was granted is over.")
        if device.status == DeviceStatus.used:
            await self.server.note_second_use(family, "device code")
            raise InvalidGrantError("The 'device_code' was used before.")
        device.status = DeviceStatus.used.value
        await become(uow, family.user.as_person())
        return await self.server.mint_async(family, device.scope, self.request.client)


def _refusal(device: DeviceAuthorization, at: Any) -> OAuth2Error | None:
    if device.expires_at <= at:
        return ExpiredTokenError()
    if device.status == DeviceStatus.denied:
        return AccessDeniedError()
    if device.status == DeviceStatus.pending:
        return AuthorizationPendingError() if device.poll(at) else SlowDownError()
    return None
