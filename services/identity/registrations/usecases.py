"""What can be done with registrations: apply, verify, endorse, approve, override, reject."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from libs.chassis.database import Database
from libs.chassis.paging import Rows
from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.audit_events.usecases import record
from services.identity.focal_designations.queries import find_standing, list_focal_people
from services.identity.mails.usecases import send
from services.identity.memberships.model import MembershipRole, check_appointment
from services.identity.memberships.queries import find_membership_of, list_administrators
from services.identity.memberships.usecases import add_member, has_primary
from services.identity.organizations.model import Organization, OrganizationStatus
from services.identity.organizations.queries import find_organization_by_code, get_organization
from services.identity.organizations.usecases import acting_within
from services.identity.password_resets.usecases import ask_for_link
from services.identity.registrations import events, queries
from services.identity.registrations.model import (
    WAITS,
    NotFocal,
    NotYourLevel,
    OrganizationUnknown,
    Registration,
    RegistrationNotFound,
    RegistrationStatus,
)
from services.identity.registrations.schemas import (
    ApplicantRead,
    RegistrationCreate,
    RegistrationListParams,
)
from services.identity.sessions.model import digest, new_secret
from services.identity.users import usecases as users
from services.identity.users.model import User, UserStatus
from services.identity.users.queries import find_user_by_email, get_user

PAGE = "/account/registration"
SIGN_IN = "/account/sign-in"
OPERATOR = Actor.system(UUID(int=0))


async def create_registration(uow: UnitOfWork, body: RegistrationCreate, *, issuer: str) -> None:
    """Take an application; what follows is in a letter, and the answer is the same for all."""
    organization = await find_organization_by_code(uow.session, body.organization)
    if organization is None or not organization.is_active:
        raise OrganizationUnknown(pointer="/body/organization")
    await users.become(uow, Actor.system(organization.id, organization.code))
    user = await find_user_by_email(uow.session, body.email)
    told = {"to": body.email, "language": body.language.value, "full_name": body.full_name}
    if user is not None and user.status not in (UserStatus.rejected, UserStatus.registered):
        await send(uow, "registration_known", **told, link=f"{issuer}{SIGN_IN}")
        return
    if await queries.find_waiting(uow.session, organization.id, body.email):
        return
    secret = f"{organization.id.hex}.{new_secret()}"
    row = Registration(
        **body.model_dump(mode="json", exclude={"organization"}),
        secret_digest=digest(secret),
        previous_id=await queries.find_last_rejected(uow.session, organization.id, body.email),
        expires_at=uow.now() + WAITS,
    )
    uow.session.add(row)
    await uow.session.flush()
    link = f"{issuer}{PAGE}?{urlencode({'secret': secret})}"
    await send(uow, "registration_verify", **told, link=link, organization_name=organization.name)
    await _record(uow, "registration.created", row)


async def verify_registration(uow: UnitOfWork, secret: str) -> ApplicantRead:
    """Prove by the letter that one reads the address; from now on others decide."""
    row, organization = await _by_secret(uow, secret)
    if row.status != RegistrationStatus.unverified:
        return _told(row, organization)
    user = await find_user_by_email(uow.session, row.email)
    if user is None:
        user = await users.open_registration(
            uow, row.email, row.full_name, phone=row.phone, language=row.language
        )
    elif user.status == UserStatus.rejected:
        await users.register_user_again(uow, user)
    elif user.status != UserStatus.registered:
        raise RegistrationNotFound
    row.verify(user.id, at=uow.now())
    uow.publish(events.RegistrationVerified.model_validate(row), of=row)
    await _record(uow, "registration.verified", row)
    focal = await list_focal_people(uow.session, organization.id)
    await _tell(uow, focal, organization)
    return _told(row, organization)


async def find_registration(uow: UnitOfWork, secret: str) -> ApplicantRead:
    """Tell an applicant where the own application stands."""
    return _told(*await _by_secret(uow, secret))


async def endorse_registration(uow: UnitOfWork, registration_id: UUID) -> Registration:
    """Agree as focal person, the first of two; another one approves."""
    row = await _locked(uow, registration_id)
    membership = await find_membership_of(uow.session, uow.actor.org_id, uow.actor.user_id)
    standing = membership and await find_standing(uow.session, membership.id)
    if membership is None or not membership.is_active or not standing:
        raise NotFocal
    row.endorse(by=uow.actor.user_id, at=uow.now())
    await users.endorse_user(uow, await _applicant(uow, row))
    uow.publish(events.RegistrationEndorsed.model_validate(row), of=row)
    await _record(uow, "registration.endorsed", row)
    organization = await get_organization(uow.session, row.org_id)
    await _tell(uow, await list_administrators(uow.session, row.org_id), organization)
    await _write(uow, row, "registration_endorsed", organization_name=organization.name)
    return row


async def approve_registration(
    uow: UnitOfWork, registration_id: UUID, role: MembershipRole, *, issuer: str
) -> Registration:
    """Agree as the organization's administrator, the second of two; the applicant joins at once."""
    row = await _locked(uow, registration_id)
    await _check_level(uow, live=True)
    check_appointment(uow.actor, role, [])
    row.approve(by=uow.actor.user_id, at=uow.now())
    return await _admit(uow, row, role, issuer)


async def override_registration(
    uow: UnitOfWork, registration_id: UUID, role: MembershipRole, reason: str, *, issuer: str
) -> Registration:
    """Let an applicant join without endorsement; the reason is kept and flagged."""
    row = await _locked(uow, registration_id)
    await _check_level(uow, live=True)
    check_appointment(uow.actor, role, [])
    row.override(reason, by=uow.actor.user_id, at=uow.now())
    return await _admit(uow, row, role, issuer)


async def reject_registration(uow: UnitOfWork, registration_id: UUID, reason: str) -> Registration:
    """Refuse an application, at either level; the reason is mailed, and one may apply again."""
    row = await _locked(uow, registration_id)
    row.reject(reason, by=uow.actor.user_id, at=uow.now())
    user = await _applicant(uow, row)
    await users.reject_user(uow, user)
    uow.publish(events.RegistrationRejected.model_validate(row), of=row)
    await _record(uow, "registration.rejected", row, reason)
    await _write(uow, row, "registration_rejected", reason=reason)
    return row


async def approve_applicant(
    uow: UnitOfWork, organization_id: UUID, registration_id: UUID, *, issuer: str
) -> Registration:
    """Agree for an organization that is not live yet; the applicant joins as staff."""
    organization = await get_organization(uow.session, organization_id)
    async with acting_within(uow, organization):
        row = await _locked(uow, registration_id)
        await _check_level(uow, live=False)
        row.approve(by=uow.actor.user_id, at=uow.now())
        return await _admit(uow, row, MembershipRole.staff, issuer)


async def override_applicant(
    uow: UnitOfWork, organization_id: UUID, registration_id: UUID, reason: str, *, issuer: str
) -> Registration:
    """Let someone join an organization that has no focal person yet; kept and flagged."""
    organization = await get_organization(uow.session, organization_id)
    async with acting_within(uow, organization):
        row = await _locked(uow, registration_id)
        await _check_level(uow, live=False)
        row.override(reason, by=uow.actor.user_id, at=uow.now())
        return await _admit(uow, row, MembershipRole.staff, issuer)


async def list_applicants(
    uow: UnitOfWork, organization_id: UUID, params: RegistrationListParams
) -> Rows[Registration]:
    """Show the platform who applies to an organization."""
    organization = await get_organization(uow.session, organization_id)
    async with acting_within(uow, organization):
        return await queries.list_registrations(uow.session, params)


async def expire_registrations(database: Database) -> bool:
    """End what has waited for 30 days, organization by organization."""
    async with database.unit_of_work(OPERATOR) as uow:
        organizations = await queries.list_organization_ids(uow.session)
    for org_id in organizations:
        async with database.unit_of_work(Actor.system(org_id)) as uow:
            for user_id in await queries.expire_waiting(uow.session, org_id, uow.now()):
                if user_id is not None:
                    user = await get_user(uow.session, user_id, lock=True)
                    if user.status in (UserStatus.registered, UserStatus.endorsed):
                        await users.reject_user(uow, user)
    return False


async def _admit(
    uow: UnitOfWork, row: Registration, role: MembershipRole, issuer: str
) -> Registration:
    user = await _applicant(uow, row)
    await users.activate_user(uow, user)
    await uow.session.flush()
    await add_member(
        uow,
        user,
        role,
        is_primary=not await has_primary(uow, user),
        flags=[],
        position=row.position,
        invited_by=uow.actor.user_id,
    )
    uow.publish(events.RegistrationApproved.model_validate(row), of=row)
    action = "registration.overridden" if row.is_override else "registration.approved"
    await _record(uow, action, row, row.decision_reason)
    # The account has no password yet: the letter of approval brings the link that sets one.
    organization = await get_organization(uow.session, row.org_id)
    welcome = {"organization_name": organization.name, "sign_in_url": f"{issuer}{SIGN_IN}"}
    await ask_for_link(uow, user.email, issuer=issuer, template="registration_approved", **welcome)
    return row


async def _by_secret(uow: UnitOfWork, secret: str) -> tuple[Registration, Organization]:
    """Find an application by its secret, which names the organization; then act within it."""
    try:
        organization = await get_organization(uow.session, UUID(hex=secret[:32]))
    except (Refusal, ValueError):
        raise RegistrationNotFound from None
    await users.become(uow, Actor.system(organization.id, organization.code))
    row = await queries.find_by_digest(uow.session, organization.id, digest(secret))
    if row is None:
        raise RegistrationNotFound
    return row, organization


async def _locked(uow: UnitOfWork, registration_id: UUID) -> Registration:
    row = await queries.get_registration(uow.session, uow.actor.org_id, registration_id, lock=True)
    uow.expect(row)
    return row


async def _applicant(uow: UnitOfWork, row: Registration) -> User:
    if row.user_id is None:
        raise RegistrationNotFound
    return await get_user(uow.session, row.user_id, lock=True)


async def _check_level(uow: UnitOfWork, *, live: bool) -> None:
    organization = await get_organization(uow.session, uow.actor.org_id)
    if (organization.status == OrganizationStatus.live) is not live:
        raise NotYourLevel(f"The organization is {organization.status}.")


async def _write(uow: UnitOfWork, row: Registration, template: str, **words: str) -> None:
    told = {"to": row.email, "language": row.language, "full_name": row.full_name}
    await send(uow, template, **told, **words)


async def _tell(uow: UnitOfWork, people: list[User], organization: Organization) -> None:
    for person in people:
        await send(
            uow,
            "registration_waiting",
            to=person.email,
            language=person.language,
            full_name=person.full_name,
            organization_name=organization.name,
        )


def _told(row: Registration, organization: Organization) -> ApplicantRead:
    return ApplicantRead(
        organization=organization.name,
        status=RegistrationStatus(row.status),
        expires_at=row.expires_at,
        decision_reason=row.decision_reason if row.status == "rejected" else "",
    )


async def _record(uow: UnitOfWork, action: str, row: Registration, reason: str = "") -> None:
    await record(
        uow,
        action,
        entity="registration",
        entity_id=row.id,
        person_id=row.user_id,
        after={"status": row.status, "is_override": row.is_override},
        reason=reason,
    )
