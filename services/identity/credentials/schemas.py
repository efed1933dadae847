"""What a passkey is asked and what it answers, as browsers and `webauthn` exchange it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.identity.credentials.model import Passkey, PasskeyNotAccepted

PRODUCT = "BMMS"
PATIENCE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a passkey was asked, and by whom."""

    challenge: bytes
    origin: str
    host: str


def challenge_of(token: str, issued: str) -> bytes:
    """Return a challenge that belongs to one browser's form and moment.

    Nothing is stored of it before it is answered.
    """
    return hmac.digest(token.encode(), f"passkey {issued}".encode(), hashlib.sha256)


def asked_of(asked: Asked, passkeys: Iterable[Passkey]) -> str:
    """Return the question to a browser; without passkeys, any that belongs to this site answers."""
    options = generate_authentication_options(
        rp_id=asked.host,
        challenge=asked.challenge,
        timeout=PATIENCE_MS,
        allow_credentials=_descriptors(passkeys),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def offer_of(
    asked: Asked, *, user_id: UUID, email: str, full_name: str, passkeys: Iterable[Passkey]
) -> str:
    """Return the request for a new passkey; what the person has already is not made twice."""
    options = generate_registration_options(
        rp_id=asked.host,
        rp_name=PRODUCT,
        user_id=user_id.bytes,
        user_name=email,
        user_display_name=full_name,
        challenge=asked.challenge,
        timeout=PATIENCE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(passkeys),
    )
    return options_to_json(options)


def transports_in(answer: str) -> list[str]:
    """Return by which ways the browser says that the passkey can be reached."""
    try:
        told = json.loads(answer)["response"].get("transports") or []
    except (ValueError, KeyError, AttributeError, TypeError):
        raise PasskeyNotAccepted from None
    known = {each.value for each in AuthenticatorTransport}
    return [each for each in told if each in known]


def _descriptors(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(each) for each in passkey.transports],
        )
        for passkey in passkeys
    ]
