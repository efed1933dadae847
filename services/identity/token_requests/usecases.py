"""What a client can ask in its own name or a person's: every endpoint but the authorization one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from authlib.oauth2 import OAuth2Error

from libs.outbox.uow import UnitOfWork
from services.identity.authorizations.usecases import S256Always
from services.identity.clients.usecases import Answer, Asked
from services.identity.device_authorizations.usecases import DeviceGrant, begin
from services.identity.proofs.usecases import proof_of
from services.identity.pushed_requests.usecases import push
from services.identity.service_tokens.usecases import ClientCredentials
from services.identity.token_exchanges.usecases import Exchange
from services.identity.token_states import usecases as token_states
from services.identity.tokens.usecases import CodeExchange, IdToken, Refresh, Terms, TokenProvider

Ask = Callable[[UnitOfWork, Asked, Terms], Awaitable[Answer]]
"""Answers a request in a unit of work, which is committed whatever the answer says."""


async def answer(uow: UnitOfWork, asked: Asked, terms: Terms, ask: Ask) -> Answer:
    """Answer a client: a refusal is an answer too, and what was used up stays used up."""
    try:
        proof = await proof_of(uow, asked)
        return await ask(uow, asked, Terms(terms.choice, terms.issuer, proof))
    except OAuth2Error as error:
        status, body, headers = error()
        return Answer(status, dict(body), dict(headers))


async def issue_token(uow: UnitOfWork, asked: Asked, terms: Terms) -> Answer:
    """Give tokens on a code, a refresh token, another token, a device code or a client's name."""

    def answered(_: object) -> Answer:
        provider = TokenProvider(uow, terms)
        provider.register_grant(CodeExchange, [S256Always(), IdToken()])
        for grant in (Refresh, Exchange, DeviceGrant, ClientCredentials):
            provider.register_grant(grant)
        given: Answer = provider.create_token_response(asked)
        return given

    return await uow.session.run_sync(answered)


async def revoke_token(uow: UnitOfWork, asked: Asked, terms: Terms) -> Answer:
    """End what a token belongs to (RFC 7009)."""
    return await token_states.revoke_token(uow, asked, issuer=terms.issuer)


async def introspect_token(uow: UnitOfWork, asked: Asked, terms: Terms) -> Answer:
    """Tell a client about a token (RFC 7662)."""
    return await token_states.introspect_token(uow, asked, issuer=terms.issuer)


async def push_request(uow: UnitOfWork, asked: Asked, terms: Terms) -> Answer:
    """Keep an authorization request for a minute (RFC 9126)."""
    return await push(uow, asked, issuer=terms.issuer, proof=terms.proof)


async def begin_device(uow: UnitOfWork, asked: Asked, terms: Terms) -> Answer:
    """Give a device its codes (RFC 8628)."""
    return await begin(uow, asked, terms)
