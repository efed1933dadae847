"""What an operator can do for the pilot: begin it, invite, place, and check it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from libs.outbox.uow import UnitOfWork
from libs.refusals import Invalid
from services.identity.grants.usecases import place_in_role
from services.identity.invitations.model import Invitation
from services.identity.invitations.queries import find_standing_invitation
from services.identity.invitations.schemas import InvitationCreate
from services.identity.invitations.usecases import create_invitation, print_invitation
from services.identity.memberships.model import MembershipNotFound, MembershipRole
from services.identity.memberships.queries import count_active_admins, find_membership_of
from services.identity.memberships.schemas import MembershipChange
from services.identity.organizations.model import (
    Organization,
    OrganizationNotFound,
    OrganizationStatus,
)
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.pilots import queries
from services.identity.pilots.schemas import PEOPLE, PilotUser, roles_of
from services.identity.register.queries import list_all
from services.identity.register.usecases import onboard_organization
from services.identity.register_files.schemas import RegisterEntry
from services.identity.user_accounts.usecases import change_membership
from services.identity.users.queries import find_user_by_email, find_user_by_username
from services.identity.waves.queries import find_wave_by_number
from services.identity.waves.schemas import WaveCreate
from services.identity.waves.usecases import assign_organization, create_wave, start_wave


class RoleUnknown(Invalid):
    """A role of none of the known vocabularies."""

    title = "There is no such role."


class UserUnknown(Invalid):
    """Nobody has this address or user name."""

    title = "There is no such user."


async def load_pilots(uow: UnitOfWork) -> list[Organization]:
    """Begin the onboarding of every pilot, in wave 1; repeating it changes nothing."""
    pilots = await queries.list_pilots(uow.session)
    if pilots and await find_wave_by_number(uow.session, 1) is None:
        asked = WaveCreate.model_validate({"number": 1, "name": "Pilot"})
        wave = await create_wave(uow, asked)
        for pilot in pilots[: wave.max_organizations]:
            await assign_organization(uow, wave.id, pilot.id)
        await start_wave(uow, wave.id, "The pilot begins.")
    for pilot in pilots:
        if pilot.status == OrganizationStatus.registered:
            await onboard_organization(uow, pilot.id, "The pilot begins.")
    return pilots


async def create_pilot_user(
    uow: UnitOfWork, asked: PilotUser, *, base_url: str
) -> tuple[Invitation | None, str]:
    """Invite one person, by a letter or by a code for paper; nothing when they are there already.

    The code is returned once and stored nowhere; whoever uses it chooses a password.
    """
    async with _within(uow, asked.organization) as organization:
        role, functional_roles = await _role_for(uow, organization, asked.role)
        user = await find_user_by_email(uow.session, asked.email)
        if user is not None and (
            await find_membership_of(uow.session, organization.id, user.id)
            or await find_standing_invitation(uow.session, user.id)
        ):
            return None, ""
        local = asked.email.split("@", 1)[0]
        invitation = InvitationCreate(
            email=asked.email,
            full_name=f"{asked.first_name} {asked.last_name}".strip() or local,
            role=role,
            flags=[],
            functional_roles=list(functional_roles),
            phone=asked.phone,
            position=asked.position,
            department=asked.department,
            username=asked.username,
            send_email=asked.send_email,
        )
        if not asked.send_email:
            return await print_invitation(uow, invitation)
        return await create_invitation(uow, invitation, base_url=base_url), ""


async def generate_people(
    uow: UnitOfWork, codes: Iterable[str], count: int, *, base_url: str
) -> int:
    """Invite made-up people of `.example` addresses, without letters; returns how many are new."""
    new = 0
    for code in codes:
        for nth in range(count):
            first, last, role = PEOPLE[nth % len(PEOPLE)]
            number = "" if nth < len(PEOPLE) else str(nth // len(PEOPLE) + 1)
            asked = PilotUser(
                email=f"{first.lower()}{number}@{code.lower()}.example",
                organization=code,
                role=role,
                first_name=first,
                last_name=last,
                send_email=False,
            )
            invitation, _ = await create_pilot_user(uow, asked, base_url=base_url)
            new += invitation is not None
    return new


async def assign_role(uow: UnitOfWork, person: str, code: str, role_name: str) -> str:
    """Give a member a role; a functional one is added, a membership role replaces the other."""
    found = roles_of(role_name)
    if found is None:
        raise RoleUnknown(f"Nothing here is called {role_name}.")
    find = find_user_by_email if "@" in person else find_user_by_username
    user = await find(uow.session, person)
    if user is None:
        raise UserUnknown(f"Nobody is {person}.")
    role, functional_roles = found
    async with _within(uow, code) as organization:
        membership = await find_membership_of(uow.session, organization.id, user.id)
        if membership is None or not membership.is_active:
            raise MembershipNotFound
        for name in functional_roles:
            await place_in_role(uow, membership, name, "An operator assigned it.")
        if not functional_roles and membership.role != role:
            await change_membership(uow, membership.id, MembershipChange(role=role))
        return membership.role


async def verify_register(
    uow: UnitOfWork, entries: list[RegisterEntry], needed: Iterable[str]
) -> list[str]:
    """Return what is wrong with the register: what it lacks of the file, and rules broken."""
    rows = {row.key: row for row in await list_all(uow.session)}
    faults = [f"{entry.key} is not in the register" for entry in entries if entry.key not in rows]
    codes = Counter(row.code for row in rows.values())
    faults += [f"{code} is the code of {n}" for code, n in codes.items() if n > 1]
    for code in needed:
        if code not in codes:
            faults.append(f"there is no {code}, which the installation needs")
    faults += [
        f"the alias {alias.code} is a current code"
        for alias in await queries.list_leading_aliases(uow.session)
        if alias.code in codes
    ]
    for row in rows.values():
        if row.status == OrganizationStatus.live:
            async with acting_within(uow, row):
                if await count_active_admins(uow.session, row.id) == 0:
                    faults.append(f"{row.code} is live without an administrator")
    return faults


async def _role_for(
    uow: UnitOfWork, organization: Organization, name: str | None
) -> tuple[MembershipRole, tuple[str, ...]]:
    if name is None:
        admins = await count_active_admins(uow.session, organization.id)
        first = admins + await queries.count_asked_admins(uow.session) == 0
        return (MembershipRole.admin if first else MembershipRole.staff), ()
    found = roles_of(name)
    if found is None:
        raise RoleUnknown(f"Nothing here is called {name}.")
    return found


@asynccontextmanager
async def _within(uow: UnitOfWork, code: str) -> AsyncIterator[Organization]:
    organization = await find_organization_by_code(uow.session, code)
    if organization is None:
        raise OrganizationNotFound(f"The register has no {code.upper()}.")
    async with acting_within(uow, organization):
        yield organization
