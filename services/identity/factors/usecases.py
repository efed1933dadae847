"""What a person can do with their factors: an app, passkeys, spare codes."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.credentials import usecases as credentials
from services.identity.credentials.model import LastFactor, Passkey
from services.identity.credentials.queries import delete_recovery_codes, find_totp, has_factor
from services.identity.credentials.schemas import Asked
from services.identity.languages.model import in_manila
from services.identity.mails.usecases import send
from services.identity.memberships.queries import list_open_organizations
from services.identity.sign_ins.usecases import needs_factor
from services.identity.users.model import User
from services.identity.users.queries import get_user


async def add_authenticator(uow: UnitOfWork, user_id: UUID, code: str) -> tuple[str, ...]:
    """Let an app count from now on; returns ten spare codes, or none when there are some."""
    await credentials.confirm_totp(uow, user_id, code)
    await _enrolled(uow, user_id, kind="totp")
    return await credentials.renew_recovery_codes(uow, user_id)


async def remove_authenticator(uow: UnitOfWork, user_id: UUID) -> None:
    """Forget the app; whoever needs a second factor keeps another one."""
    await credentials.remove_totp(uow, user_id)
    await _after_removal(uow, user_id, kind="totp")


async def add_passkey(
    uow: UnitOfWork, user_id: UUID, answer: str, *, asked: Asked, name: str
) -> Passkey:
    """Keep a new passkey, which signs in alone from now on."""
    passkey = await credentials.add_passkey(
        uow, user_id, answer, asked=asked, name=" ".join(name.split())[:60] or "Passkey"
    )
    await _enrolled(uow, user_id, kind="passkey")
    return passkey


async def remove_passkey(uow: UnitOfWork, user_id: UUID, passkey_id: UUID) -> None:
    """Forget a passkey; whoever needs a second factor keeps another one."""
    await credentials.remove_passkey(uow, user_id, passkey_id)
    await _after_removal(uow, user_id, kind="passkey")


async def renew_recovery_codes(uow: UnitOfWork, user_id: UUID) -> tuple[str, ...]:
    """Return ten new spare codes; those of before open nothing any more."""
    codes = await credentials.renew_recovery_codes(uow, user_id)
    await record_of(uow, "recovery_codes.renewed", user_id)
    return codes


async def _enrolled(uow: UnitOfWork, user_id: UUID, *, kind: str) -> None:
    user = await get_user(uow.session, user_id)
    user.must_enrol_factor = False
    await record_of(uow, "factor.enrolled", user_id, kind=kind)
    await tell_of_change(uow, user)


async def _after_removal(uow: UnitOfWork, user_id: UUID, *, kind: str) -> None:
    await uow.session.flush()
    user = await get_user(uow.session, user_id)
    if not await has_factor(uow.session, user_id):
        open_to = await list_open_organizations(uow.session, user_id)
        if await needs_factor(uow, user_id, open_to) or user.password_hash is None:
            raise LastFactor
        await delete_recovery_codes(uow.session, user_id)
    await record_of(uow, "factor.removed", user_id, kind=kind)
    await tell_of_change(uow, user)


async def tell_of_change(uow: UnitOfWork, user: User) -> None:
    """Write to the person that how they sign in has changed: if it was not them, they act."""
    await send(
        uow,
        "sign_in_changed",
        to=user.email,
        language=user.language,
        full_name=user.full_name,
        at=in_manila(uow.now()),
    )


async def record_of(uow: UnitOfWork, action: str, user_id: UUID, **after: str) -> None:
    """Keep in the trail what a person changed about how they sign in."""
    await record(uow, action, entity="user", entity_id=user_id, person_id=user_id, after=after)


async def has_app(uow: UnitOfWork, user_id: UUID) -> bool:
    """Tell whether a person's app counts."""
    factor = await find_totp(uow.session, user_id)
    return factor is not None and factor.confirmed_at is not None
