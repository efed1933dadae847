"""What can be done with demo accounts: make sure that they exist and that the file opens them."""

from __future__ import annotations

from collections.abc import Iterable

from libs.outbox.uow import UnitOfWork
from services.identity.credentials.model import new_totp_secret
from services.identity.credentials.usecases import plant_totp, reads_totp
from services.identity.demo_accounts.schemas import (
    DemoAccount,
    DemoPerson,
    KeptPasswords,
    new_password,
)
from services.identity.grants.usecases import place_in_role
from services.identity.memberships.queries import find_membership_of
from services.identity.memberships.usecases import add_member
from services.identity.organizations.model import Organization, OrganizationNotFound
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.system_grants.usecases import give_grant
from services.identity.users.model import User
from services.identity.users.queries import find_user_by_email
from services.identity.users.usecases import is_password_of, register_user, set_password


async def ensure_demo_accounts(
    uow: UnitOfWork, people: Iterable[DemoPerson], kept: KeptPasswords
) -> list[DemoAccount]:
    """Make everyone exist; a password is kept while it still opens the account."""
    accounts = []
    for person in people:
        password = kept.by_email.get(person.email) or new_password()
        known = await find_user_by_email(uow.session, person.email)
        user = known or await register_user(
            uow, email=person.email, full_name=person.full_name, password=password
        )
        if known is not None and not await _opens(known, kept):
            await set_password(uow, user, password)
        await _place(uow, person, user)
        secret = await _factor(uow, user, kept) if person.needs_factor else None
        accounts.append(_account(person, password, secret))
    return accounts


async def _opens(user: User, kept: KeptPasswords) -> bool:
    """Tell whether the kept password is the user's; hashes only when the file is the older."""
    password = kept.by_email.get(user.email)
    if password is None or user.password_changed_at is None:
        return False
    if kept.written_at >= user.password_changed_at:
        return True
    return await is_password_of(user, password)


async def _factor(uow: UnitOfWork, user: User, kept: KeptPasswords) -> str:
    """Return the secret of the person's authenticator app; the file's when it fits."""
    secret = kept.totp_by_email.get(user.email)
    if secret is not None and await reads_totp(uow, user.id, secret):
        return secret
    secret = secret or new_totp_secret()
    await plant_totp(uow, user.id, secret)
    return secret


async def _place(uow: UnitOfWork, person: DemoPerson, user: User) -> None:
    organization = await _organization(uow, person.organization)
    async with acting_within(uow, organization):
        known = await find_membership_of(uow.session, organization.id, user.id)
        if person.role is not None and known is None:
            member = await add_member(
                uow, user, person.role, is_primary=True, flags=list(person.flags)
            )
            if person.function is not None:
                await place_in_role(uow, member, person.function, "A demo account")
        if person.grant is not None:
            await give_grant(uow, user, person.grant)


async def _organization(uow: UnitOfWork, code: str) -> Organization:
    organization = await find_organization_by_code(uow.session, code)
    if organization is None:
        raise OrganizationNotFound(f"The register has no {code}.")
    return organization


def _account(person: DemoPerson, password: str, totp_secret: str | None) -> DemoAccount:
    return DemoAccount(
        email=person.email,
        password=password,
        totp_secret=totp_secret,
        organization=person.organization,
        role=person.label,
    )
