"""What can be done with a logout request: sign the person out, or ask them first."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.clients.model import Client
from services.identity.clients.queries import find_client
from services.identity.logout_requests.schemas import (
    ConfirmationNeeded,
    LogoutForm,
    LogoutOutcome,
    LogoutRefused,
    SignedOut,
    address_back,
)
from services.identity.sessions.model import SignInSession
from services.identity.sign_outs.usecases import end_sessions
from services.identity.signing_keys.usecases import read_own


async def ask_logout(
    uow: UnitOfWork, form: LogoutForm, sign_in: SignInSession | None, *, issuer: str
) -> LogoutOutcome:
    """Sign out whom the client's id token names, in this browser; ask when it names nobody here.

    The session in the token ends even where the browser brought no cookie, as in a form that
    another site sends.
    """
    hint = await _hint(uow, form, issuer)
    client_id = form.client_id or str((hint or {}).get("aud", ""))
    if hint is not None and client_id != hint.get("aud"):
        return LogoutRefused("The id token is another client's.")
    client = await find_client(uow.session, client_id) if client_id else None
    if not _is_good_address(form, client):
        return LogoutRefused("The address to go to afterwards is not one of the client's.")
    if hint is None or (sign_in is not None and str(sign_in.user_id) != hint.get("sub")):
        return _confirmation(form, client)
    for session_id in await _sessions_of(uow, hint, sign_in):
        await end_sessions(uow, session_id=session_id)
    return SignedOut(address_back(form.post_logout_redirect_uri if client else "", form.state))


async def confirm_logout(
    uow: UnitOfWork, form: LogoutForm, sign_in: SignInSession | None
) -> LogoutOutcome:
    """Sign out whoever is signed in in this browser: they have said so themselves."""
    client = await find_client(uow.session, form.client_id) if form.client_id else None
    if not _is_good_address(form, client):
        return LogoutRefused("The address to go to afterwards is not one of the client's.")
    if sign_in is not None:
        await end_sessions(uow, session_id=sign_in.id)
    return SignedOut(address_back(form.post_logout_redirect_uri if client else "", form.state))


async def _hint(uow: UnitOfWork, form: LogoutForm, issuer: str) -> dict[str, Any] | None:
    """Return the claims of an id token of ours, however old; None when there is none."""
    claims = await read_own(uow, form.id_token_hint, typ="JWT") if form.id_token_hint else None
    return claims if claims is not None and claims.get("iss") == issuer else None


def _is_good_address(form: LogoutForm, client: Client | None) -> bool:
    """Tell whether an address is registered; without a known client none is ever gone to."""
    address = form.post_logout_redirect_uri
    return not address or client is None or client.check_post_logout_redirect_uri(address)


def _confirmation(form: LogoutForm, client: Client | None) -> ConfirmationNeeded:
    if client is None or form.id_token_hint:
        # A token that is not ours speaks for nobody: the browser goes nowhere on its word.
        return ConfirmationNeeded()
    return ConfirmationNeeded(
        client_id=client.client_id,
        client_name=client.name,
        post_logout_redirect_uri=form.post_logout_redirect_uri,
        state=form.state,
    )


async def _sessions_of(
    uow: UnitOfWork, hint: dict[str, Any], sign_in: SignInSession | None
) -> list[UUID]:
    wanted = {sign_in.id} if sign_in else set()
    with suppress(ValueError):  # an id token from before sessions were named in it
        wanted.add(UUID(str(hint.get("sid"))))
    found = [await uow.session.get(SignInSession, session_id) for session_id in wanted]
    return [row.id for row in found if row is not None and str(row.user_id) == hint.get("sub")]
