"""What an exchange asks for, read from the request's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 (a type's name)
LONGEST_OBSERVATION = timedelta(hours=8)
LONGEST_REFERENCE = 200

PURPOSES: dict[str, str] = {
    "performance_review": "Review of an organization's plans and results",
    "budget_review": "Review of an organization's budget and spending",
    "audit": "Audit ordered by the Chief Minister or the Commission on Audit",
    "complaint": "Inquiry into a complaint",
    "technical_support": "Help that the organization asked for",
}
"""Why the oversight office may look into an organization, which reads it in its own trail."""


class InvalidTarget(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """No token can be given for this audience or organization (RFC 8693, 2.2.2)."""

    error = "invalid_target"


@dataclass(frozen=True, slots=True)
class Observation:
    """Why someone looks into another organization, and until when."""

    purpose: str
    reference: str
    until: datetime

    @classmethod
    def read(cls, told: Mapping[str, str], at: datetime) -> Observation | None:
        """Read what is asked; None when nobody asks to observe."""
        if "purpose" not in told:
            return None
        if told["purpose"] not in PURPOSES:
            raise InvalidRequestError(f"'purpose' is one of {', '.join(PURPOSES)}.")
        reference = told.get("reference", "").strip()
        if not 0 < len(reference) <= LONGEST_REFERENCE:
            raise InvalidRequestError("'reference' names the order or the case, in 1 to 200 signs.")
        return cls(told["purpose"], reference, _until(told.get("until", ""), at))


def _until(raw: str, at: datetime) -> datetime:
    try:
        until = datetime.fromisoformat(raw)
    except ValueError:
        raise InvalidRequestError("'until' is an instant as in RFC 3339.") from None
    if until.tzinfo is None or not at < until <= at + LONGEST_OBSERVATION:
        raise InvalidRequestError("'until' lies in the next 8 hours, with its time zone.")
    return until


def check_shape(told: Mapping[str, str], *, audience: str) -> None:
    """Refuse what is asked by a name that we do not give tokens for."""
    if told.get("subject_token_type") != ACCESS_TOKEN_TYPE:
        raise InvalidRequestError("'subject_token_type' has to be an access token's.")
    if told.get("requested_token_type", ACCESS_TOKEN_TYPE) != ACCESS_TOKEN_TYPE:
        raise InvalidRequestError("Only access tokens are given.")
    if "actor_token" in told or "actor_token_type" in told:
        raise InvalidRequestError("An exchange is for oneself: there is no 'actor_token'.")
    for name in ("audience", "resource"):
        if told.get(name, audience) != audience:
            raise InvalidTarget(f"Tokens are for {audience} alone.")
    if not told.get("subject_token") or not told.get("organization"):
        raise InvalidRequestError("'subject_token' and 'organization' are needed.")
