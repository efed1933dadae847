"""What can be done with credentials: set up a second factor, show it, use a spare code.

Slices above this one record what was done; nobody here knows more of a person than an id.
"""

from __future__ import annotations

import hmac
from uuid import UUID

import pyotp
from sqlalchemy import delete
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import CredentialDeviceType

from libs.chassis.sealing import Sealer
from libs.outbox.uow import UnitOfWork
from services.identity.credentials import queries
from services.identity.credentials.model import (
    MOST_PASSKEYS,
    RECOVERY_CODES,
    TOTP_SECONDS,
    FactorNotFound,
    OldPassword,
    Passkey,
    PasskeyNotAccepted,
    RecoveryCode,
    TooManyPasskeys,
    TotpFactor,
    WrongCode,
    code_digest,
    new_recovery_code,
    new_totp_secret,
    secret_digest,
)
from services.identity.credentials.schemas import Asked, transports_in

DRIFT = (0, -1, 1)
"""A phone's clock may be half a minute off, not more (RFC 6238, section 5.2)."""


async def begin_totp(uow: UnitOfWork, user_id: UUID, secret: str | None = None) -> str:
    """Return the secret of an app that is being set up; it counts once a code has shown it."""
    factor = await queries.find_totp(uow.session, user_id)
    if factor is not None and factor.confirmed_at is None and secret is None:
        return _unseal(uow, factor)
    if factor is not None:
        await uow.session.delete(factor)
        await uow.session.flush()
    secret = secret or new_totp_secret()
    factor = TotpFactor(user_id=user_id, last_step=0, created_at=uow.now())
    factor.sealed_secret = _sealer(uow).seal(secret.encode(), place=factor.place)
    uow.session.add(factor)
    await uow.session.flush()
    return secret


async def confirm_totp(uow: UnitOfWork, user_id: UUID, code: str) -> None:
    """Let an app count from now on, when it shows the right code."""
    factor = await queries.find_totp(uow.session, user_id)
    if factor is None or factor.confirmed_at is not None:
        raise FactorNotFound
    await _use_code(uow, factor, code)
    factor.confirmed_at = uow.now()


async def plant_totp(uow: UnitOfWork, user_id: UUID, secret: str) -> None:
    """Give a made-up person an app whose secret is known."""
    await begin_totp(uow, user_id, secret)
    factor = await queries.find_totp(uow.session, user_id)
    assert factor is not None
    factor.confirmed_at = uow.now()


async def reads_totp(uow: UnitOfWork, user_id: UUID, secret: str) -> bool:
    """Tell whether a person's app has this secret."""
    factor = await queries.find_totp(uow.session, user_id)
    return factor is not None and factor.confirmed_at is not None and _unseal(uow, factor) == secret


async def show_code(uow: UnitOfWork, user_id: UUID, code: str) -> str:
    """Take a code of the app or a spare one; each opens once. Returns `otp` or `recovery`."""
    typed = "".join(code.split())
    factor = await queries.find_totp(uow.session, user_id)
    if typed.isascii() and typed.isdecimal() and len(typed) == 6:
        if factor is None or factor.confirmed_at is None:
            raise WrongCode
        await _use_code(uow, factor, typed)
        return "otp"
    if not await queries.use_recovery_code(uow.session, user_id, code_digest(code), uow.now()):
        raise WrongCode
    return "recovery"


async def remove_totp(uow: UnitOfWork, user_id: UUID) -> None:
    """Forget the app; its codes open nothing any more."""
    factor = await queries.find_totp(uow.session, user_id)
    if factor is None:
        raise FactorNotFound
    await uow.session.delete(factor)


async def renew_recovery_codes(uow: UnitOfWork, user_id: UUID) -> tuple[str, ...]:
    """Return ten spare codes, which can never be read again; those of before open nothing."""
    await queries.delete_recovery_codes(uow.session, user_id)
    codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
    uow.session.add_all(
        RecoveryCode(user_id=user_id, digest=code_digest(code), created_at=uow.now())
        for code in codes
    )
    return codes


async def add_passkey(
    uow: UnitOfWork, user_id: UUID, answer: str, *, asked: Asked, name: str
) -> Passkey:
    """Keep the public half of a new passkey; it signs in without a password from now on."""
    if len(await queries.list_passkeys(uow.session, user_id)) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    await _use_challenge(uow, asked)
    transports = transports_in(answer)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=asked.challenge,
            expected_rp_id=asked.host,
            expected_origin=asked.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise PasskeyNotAccepted from fault
    if await queries.find_passkey(uow.session, made.credential_id) is not None:
        raise PasskeyNotAccepted
    passkey = Passkey(
        user_id=user_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        transports=transports,
        is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        created_at=uow.now(),
    )
    uow.session.add(passkey)
    await uow.session.flush()
    return passkey


async def show_passkey(
    uow: UnitOfWork, answer: str, *, asked: Asked, user_id: UUID | None = None
) -> Passkey:
    """Return the passkey that signed what was asked, of one person or of anyone."""
    await _use_challenge(uow, asked)
    try:
        told = parse_authentication_credential_json(answer)
        passkey = await queries.find_passkey(uow.session, told.raw_id)
        if passkey is None or user_id not in (None, passkey.user_id):
            raise PasskeyNotAccepted
        handle = told.response.user_handle
        if handle is not None and handle != passkey.user_id.bytes:
            raise PasskeyNotAccepted
        shown = verify_authentication_response(
            credential=told,
            expected_challenge=asked.challenge,
            expected_rp_id=asked.host,
            expected_origin=asked.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise PasskeyNotAccepted from fault
    passkey.sign_count, passkey.last_used_at = shown.new_sign_count, uow.now()
    return passkey


async def remove_passkey(uow: UnitOfWork, user_id: UUID, passkey_id: UUID) -> Passkey:
    """Forget a passkey; it opens nothing any more."""
    passkey = await queries.get_passkey(uow.session, user_id, passkey_id)
    await uow.session.delete(passkey)
    await uow.session.flush()
    return passkey


async def keep_password(uow: UnitOfWork, user_id: UUID, password_hash: str) -> None:
    """Keep the hash of a password so that it does not come again soon; older ones are let go."""
    kept = OldPassword(user_id=user_id, password_hash=password_hash, kept_at=uow.now())
    uow.session.add(kept)
    await uow.session.flush()
    last = await queries.list_old_passwords(uow.session, user_id)
    await uow.session.execute(
        delete(OldPassword).where(
            OldPassword.user_id == user_id, OldPassword.password_hash.not_in(last)
        )
    )


async def _use_code(uow: UnitOfWork, factor: TotpFactor, code: str) -> None:
    typed, now = "".join(code.split()), int(uow.now().timestamp()) // TOTP_SECONDS
    app = pyotp.HOTP(_unseal(uow, factor))
    for drift in DRIFT:
        step = now + drift
        if hmac.compare_digest(app.at(step).encode(), typed.encode()):
            if await queries.use_step(uow.session, factor, step):
                await uow.session.refresh(factor)
                return
            break
    raise WrongCode


async def _use_challenge(uow: UnitOfWork, asked: Asked) -> None:
    if not await queries.use_challenge(uow.session, secret_digest(asked.challenge), uow.now()):
        raise PasskeyNotAccepted


def _sealer(uow: UnitOfWork) -> Sealer:
    sealer: Sealer = uow.session.info["sealer"]
    return sealer


def _unseal(uow: UnitOfWork, factor: TotpFactor) -> str:
    return _sealer(uow).unseal(factor.sealed_secret, place=factor.place).decode()
