"""What can be done with authorization requests: answer one, now or once the person has acted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError, OAuth2Error
from authlib.oidc.core.errors import (
    ConsentRequiredError,
    InteractionRequiredError,
    LoginRequiredError,
)

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from services.identity.authorization_requests import queries
from services.identity.authorization_requests.model import REQUEST_LIFE, AuthorizationRequest
from services.identity.authorization_requests.schemas import (
    ConsentNeeded,
    Outcome,
    Refused,
    Sent,
    SignInNeeded,
)
from services.identity.authorizations.schemas import Wish, response_mode
from services.identity.authorizations.usecases import Choice, check_request, give_code
from services.identity.clients.usecases import Asked
from services.identity.consents.queries import find_consent
from services.identity.consents.usecases import give_consent
from services.identity.memberships.queries import list_open_organizations
from services.identity.organizations.model import Organization
from services.identity.pushed_requests.model import PREFIX
from services.identity.pushed_requests.usecases import finish, take
from services.identity.rights.usecases import lacks_factor
from services.identity.sessions.model import (
    NoOrganization,
    NotThisOrganization,
    SignInSession,
    digest,
    new_secret,
)
from services.identity.signing_keys.usecases import read_own
from services.identity.users.model import ANYONE

OVER = "The request is over. Go back to the application and start again."


class UnmetAuthenticationRequirements(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """The session is weaker than what the client cannot do without."""

    error = "unmet_authentication_requirements"


@dataclass(frozen=True, slots=True)
class Terms:
    """Who asks to have a request answered, and by whose rules."""

    sign_in: SignInSession | None
    choice: Choice
    issuer: str
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A good request on its way to an answer.

    `kept` is set when it has waited for the person, `pushed` to the address of one handed in.
    """

    wish: Wish
    terms: Terms
    kept: AuthorizationRequest | None
    pushed: str | None = None


async def authorize(uow: UnitOfWork, asked: Asked, terms: Terms) -> Outcome:
    """Give a client a code for one organization of the person, or say what is missing first.

    Raises NoOrganization or NotThisOrganization where only a page can explain.
    """
    told = dict(asked.parameters)
    kept, pushed = None, None
    if secret := told.get("resume"):
        kept = await queries.find_request(uow.session, secret, uow.now())
        parameters = _resumed(kept, told) if kept else None
        pushed = dict(parameters or ()).get("request_uri")
        parameters = parameters and [each for each in parameters if each[0] != "request_uri"]
    elif told.get("request_uri", "").startswith(PREFIX):
        pushed = told["request_uri"]
        parameters = await take(uow, pushed, told.get("client_id", ""))
    else:
        parameters = asked.parameters
    if parameters is None:
        return Refused(OVER)
    asked, told = replace(asked, parameters=parameters), dict(parameters)
    try:
        wish = await check_request(uow, asked)
        return await _answer(uow, _Case(wish, terms, kept, pushed))
    except OAuth2Error as error:
        if not error.redirect_uri:
            return Refused(error.description or "It is not a request that can be answered.")
        if kept is not None:
            await uow.session.delete(kept)
        return _sent_error(error, told, terms.issuer)


def _resumed(kept: AuthorizationRequest, told: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return a kept request; an organization chosen meanwhile stands where none was named."""
    parameters = [(name, value) for name, value in kept.parameters]
    if told.get("organization") and not dict(parameters).get("organization"):
        parameters.append(("organization", told["organization"]))
    return parameters


async def _answer(uow: UnitOfWork, case: _Case) -> Outcome:
    wish, sign_in = case.wish, case.terms.sign_in
    address = {"redirect_uri": wish.redirect_uri}
    if wish.client.requires_pushed_requests and case.pushed is None and case.kept is None:
        raise InvalidRequestError("This client hands its requests in beforehand.", **address)
    if sign_in is None or not _is_fresh(uow, case, sign_in) or not await _is_right(uow, case):
        if wish.is_silent or await _has_changed_hands(uow, case):
            raise LoginRequiredError(**address)
        return await _sign_in_needed(uow, case)
    if wish.claims.essential_acr and sign_in.acr not in wish.claims.essential_acr:
        raise UnmetAuthenticationRequirements(**address)
    organization = await _choose(uow, case, sign_in)
    if case.terms.decision == "deny":
        raise AccessDeniedError("The person did not allow it.", **address)
    if await lacks_factor(uow, sign_in.user_id, organization.id, acr=sign_in.acr):
        return await _sign_in_needed(uow, case, more=True)
    if await _needs_consent(uow, case, sign_in):
        if wish.is_silent:
            raise ConsentRequiredError(**address)
        return await _consent_needed(uow, case, sign_in)
    if not await _use_up(uow, case):
        return Refused(OVER)
    code = await give_code(uow, wish, sign_in, organization)
    told = [("code", code), *_state(wish.parameters), ("iss", case.terms.issuer)]
    return Sent(wish.redirect_uri, tuple(told), response_mode(wish.parameters))


def _is_fresh(uow: UnitOfWork, case: _Case, sign_in: SignInSession) -> bool:
    """Tell whether the sign-in is as recent as the client wants it."""
    if case.kept is not None and sign_in.signed_in_at >= case.kept.asked_at:
        return True
    age = (uow.now() - sign_in.signed_in_at).total_seconds()
    limit = case.wish.max_age
    return not case.wish.wants_fresh and (limit is None or age <= limit)


async def _is_right(uow: UnitOfWork, case: _Case) -> bool:
    """Tell whether the one who is signed in is the one whom the client means."""
    sign_in = case.terms.sign_in
    meant = await _meant(uow, case)
    return meant is None or (sign_in is not None and meant == str(sign_in.user_id))


async def _has_changed_hands(uow: UnitOfWork, case: _Case) -> bool:
    """Tell whether somebody else than meant has just signed in: asking again would not help."""
    sign_in, kept = case.terms.sign_in, case.kept
    if sign_in is None or kept is None or sign_in.signed_in_at < kept.asked_at:
        return False
    return not await _is_right(uow, case)


async def _meant(uow: UnitOfWork, case: _Case) -> str | None:
    """Return the subject that the client names, by a claim or by an old id token."""
    if case.wish.claims.subject:
        return case.wish.claims.subject
    hint = case.wish.parameters.get("id_token_hint")
    if not hint:
        return None
    claims = await read_own(uow, hint, typ="JWT")
    if claims is None or claims.get("iss") != case.terms.issuer:
        raise InvalidRequestError("Invalid 'id_token_hint'", redirect_uri=case.wish.redirect_uri)
    return str(claims.get("sub"))


async def _sign_in_needed(uow: UnitOfWork, case: _Case, *, more: bool = False) -> SignInNeeded:
    wish = case.wish
    if more and wish.is_silent:
        raise UnmetAuthenticationRequirements(redirect_uri=wish.redirect_uri)
    # The client's id tells the sign-in page where it may lead, the organization what is chosen.
    shown = ("client_id", "organization")
    carried = {name: wish.parameters[name] for name in shown if name in wish.parameters}
    carried["resume"] = await _keep(uow, case)
    return SignInNeeded(
        f"/oauth2/authorize?{urlencode(carried)}",
        needs_factor=more,
        login_hint=wish.parameters.get("login_hint", "")[:254],
        ui_locales=wish.parameters.get("ui_locales", "")[:100],
    )


async def _keep(uow: UnitOfWork, case: _Case) -> str:
    """Keep the request under a new secret; what was asked first says since when it waits."""
    secret = new_secret()
    kept = case.kept
    pushed = [["request_uri", case.pushed]] if case.pushed else []
    uow.session.add(
        AuthorizationRequest(
            digest=digest(secret),
            client_id=case.wish.client.client_id,
            parameters=[*([name, value] for name, value in case.wish.parameters.items()), *pushed],
            asked_at=kept.asked_at if kept else uow.now(),
            expires_at=kept.expires_at if kept else uow.now() + REQUEST_LIFE,
        )
    )
    # From here on a request that waited is known by its new secret alone. One that was handed in
    # can be opened again until it is answered: people reload pages (RFC 9126, 4).
    if kept is not None:
        await uow.session.delete(kept)
    return secret


async def _use_up(uow: UnitOfWork, case: _Case) -> bool:
    """Let a request that waited or was handed in be answered only now; False when it has been."""
    if case.kept is not None:
        await uow.session.delete(case.kept)
    if case.pushed is None:
        return True
    return await finish(uow, case.pushed, case.wish.client.client_id)


async def _needs_consent(uow: UnitOfWork, case: _Case, sign_in: SignInSession) -> bool:
    wish, client = case.wish, case.wish.client
    if case.terms.decision == "allow" and case.kept is not None:
        if not client.is_first_party:
            await give_consent(
                uow,
                user_id=sign_in.user_id,
                client_id=client.client_id,
                scopes=wish.consent_scopes,
            )
        return False
    if "consent" in wish.prompts:
        return True
    if client.is_first_party:
        return False
    given = await find_consent(uow.session, sign_in.user_id, client.client_id)
    return given is None or not given.covers(wish.consent_scopes)


async def _consent_needed(uow: UnitOfWork, case: _Case, sign_in: SignInSession) -> ConsentNeeded:
    return ConsentNeeded(
        resume=await _keep(uow, case),
        client_id=case.wish.client.client_id,
        client_name=case.wish.client.name,
        redirect_uri=case.wish.redirect_uri,
        scopes=tuple(case.wish.consent_scopes),
        full_name=sign_in.user.full_name,
    )


async def _choose(uow: UnitOfWork, case: _Case, sign_in: SignInSession) -> Organization:
    """Return the organization asked for, else the primary one; every other is refused alike."""
    choice = case.terms.choice
    open_to = await list_open_organizations(uow.session, sign_in.user_id)
    wanted = case.wish.parameters.get("organization", "")
    address = {"redirect_uri": case.wish.redirect_uri}
    if choice.only is not None:
        found = next((row for row in open_to if row.code == choice.only), None)
        if found is None or wanted not in ("", choice.only):
            if case.wish.is_silent:
                raise InteractionRequiredError(**address)
            raise NotThisOrganization(f"It serves {choice.only}.")
        return found
    if not open_to:
        if case.wish.is_silent:
            raise InteractionRequiredError(**address)
        raise NoOrganization
    candidates = open_to if choice.allows_choice else open_to[:1]
    found = next((row for row in candidates if row.code == wanted), None) if wanted else open_to[0]
    if found is None:
        raise AccessDeniedError("You do not act for this organization.", **address)
    return found


def _state(parameters: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("state", parameters["state"])] if "state" in parameters else []


def _sent_error(error: OAuth2Error, told: Mapping[str, str], issuer: str) -> Sent:
    """Tell the client; RFC 9207: every answer names its issuer, errors too."""
    body: list[tuple[str, Any]] = [("error", error.error)]
    if error.description:
        body.append(("error_description", error.description))
    answer = (*body, *_state(told), ("iss", issuer))
    return Sent(error.redirect_uri, tuple(answer), response_mode(told))


async def forget_expired_requests(database: Database) -> None:
    """Forget the requests to which nobody came back; the worker's duty."""
    async with database.unit_of_work(ANYONE) as uow:
        await queries.delete_expired(uow.session, uow.now())
