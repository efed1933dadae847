"""What can be done with pushed requests: hand one in, read it, and use it once."""

from __future__ import annotations

from dataclasses import replace

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error

from libs.outbox.uow import UnitOfWork
from libs.tenancy.dpop import Proof
from services.identity.authorizations.usecases import check_request
from services.identity.clients.usecases import Answer, Asked
from services.identity.proofs.usecases import AUTH_METHODS, ProvingProvider
from services.identity.pushed_requests import queries
from services.identity.pushed_requests.model import LIFE, PREFIX, PushedRequest
from services.identity.sessions.model import digest, new_secret

OF_THE_CLIENT = ("client_secret", "client_assertion", "client_assertion_type")


async def push(uow: UnitOfWork, asked: Asked, *, issuer: str, proof: Proof | None) -> Answer:
    """Keep a client's request, checked as it will be checked again, and return its address.

    The client authenticates here, before any person is bothered (RFC 9126, 2).
    """
    provider = ProvingProvider(uow, issuer, proof=proof)
    request = provider.create_oauth2_request(asked)
    client = await uow.session.run_sync(
        lambda _: provider.authenticate_client(request, AUTH_METHODS, "token")
    )
    told = {name: value for name, value in asked.parameters if name not in OF_THE_CLIENT}
    if "request_uri" in told:
        raise InvalidRequestError("A pushed request has no 'request_uri'.")
    told["client_id"] = client.client_id
    if proof is not None and told.setdefault("dpop_jkt", proof.thumbprint) != proof.thumbprint:
        raise InvalidRequestError("The 'dpop_jkt' is not the key of the proof.")
    try:
        await check_request(uow, replace(asked, parameters=list(told.items())))
    except OAuth2Error as error:
        # It is told to the client that pushed it, not by way of a browser.
        error.redirect_uri = None
        raise
    name = new_secret()
    uow.session.add(
        PushedRequest(
            digest=digest(name),
            client_id=client.client_id,
            parameters=[[key, value] for key, value in told.items()],
            expires_at=uow.now() + LIFE,
        )
    )
    body = {"request_uri": f"{PREFIX}{name}", "expires_in": int(LIFE.total_seconds())}
    return Answer(201, body, {})


async def take(uow: UnitOfWork, request_uri: str, client_id: str) -> list[tuple[str, str]] | None:
    """Return what a client pushed, to be answered within the request's life; None for all else.

    A person may reload the page: until it is finished, the address may be taken again.
    """
    found = await queries.find_request(uow.session, request_uri, client_id, uow.now())
    return [(name, value) for name, value in found.parameters] if found else None


async def finish(uow: UnitOfWork, request_uri: str, client_id: str) -> bool:
    """Use a pushed request up with its answer; False when it was answered before."""
    return await queries.use_up(uow.session, request_uri, client_id, uow.now())
