"""What can be done with invitations: make one, send it again, take it back, accept it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from libs.tenancy.rows import MANILA
from services.identity.audit_events.usecases import record
from services.identity.grants.usecases import place_in_role
from services.identity.invitations import queries
from services.identity.invitations.model import (
    LIFETIME,
    AlreadyInvited,
    FunctionalRoleUnknown,
    Invitation,
    InvitationNotOpen,
    InvitationState,
    PasswordMissing,
    digest_of,
    new_code,
    new_secret,
)
from services.identity.invitations.schemas import InvitationCreate, InvitationFound
from services.identity.mails.usecases import cancel_mail, send
from services.identity.memberships.model import AlreadyMember, MembershipRole, check_appointment
from services.identity.memberships.queries import find_membership_of
from services.identity.memberships.usecases import add_member, has_primary
from services.identity.organizations.model import OrganizationRetired, OrganizationStatus
from services.identity.organizations.queries import get_organization
from services.identity.role_catalogue.model import (
    FUNCTIONAL,
    check_delegable,
    pattern_of,
)
from services.identity.users.model import User, UserStatus
from services.identity.users.queries import (
    find_user,
    find_user_by_email,
    find_user_by_username,
    get_user,
)
from services.identity.users.usecases import activate_user, become, invite_user, set_password

PAGE = "/account/invitation"
"""Where the letter's link leads: a page of ours."""

_NEW = (UserStatus.invited, UserStatus.registered, UserStatus.endorsed)


async def create_invitation(
    uow: UnitOfWork, asked: InvitationCreate, *, base_url: str
) -> Invitation:
    """Ask a person to join the acting organization; the letter leaves with this transaction."""
    refuse_excess(uow.actor, asked.role, asked.flags, asked.functional_roles)
    invitation, secret = await keep_invitation(uow, asked, new_secret())
    if asked.send_email:
        await _write(uow, invitation, secret, base_url)
    return invitation


async def print_invitation(uow: UnitOfWork, asked: InvitationCreate) -> tuple[Invitation, str]:
    """Ask a person without a mail: the code is for paper, and opens the same page once."""
    refuse_excess(uow.actor, asked.role, asked.flags, asked.functional_roles)
    return await keep_invitation(uow, asked, new_code())


async def invite_unless_known(uow: UnitOfWork, asked: InvitationCreate, *, base_url: str) -> bool:
    """Ask a person who is neither a member nor asked yet; tells whether they are asked now.

    Someone who was asked without a letter gets one when `asked` says so.
    """
    refuse_excess(uow.actor, asked.role, asked.flags, asked.functional_roles)
    user = await find_user_by_email(uow.session, asked.email)
    if user is not None:
        standing = await queries.find_standing_invitation(uow.session, user.id)
        if standing is not None:
            if asked.send_email and not standing.letters:
                await resend_invitation(uow, standing.id, base_url=base_url)
            return False
        membership = await find_membership_of(uow.session, uow.actor.org_id, user.id)
        if membership is not None and membership.is_active:
            return False
    elif asked.username is None:
        free = await _free_username(uow, asked.email)
        asked = asked.model_copy(update={"username": free})
    invitation, secret = await keep_invitation(uow, asked, new_secret())
    if asked.send_email:
        await _write(uow, invitation, secret, base_url)
    return True


async def _free_username(uow: UnitOfWork, email: str) -> str | None:
    """Return the address's first part, or with the organization's code, or none if both are taken.

    Two organizations both have a `planner`; the address is the login in any case.
    """
    name = email.split("@", 1)[0][:100].lower()
    for candidate in (name, f"{name}-{uow.actor.org_code.lower()}"):
        if await find_user_by_username(uow.session, candidate) is None:
            return candidate
    return None


async def resend_invitation(uow: UnitOfWork, invitation_id: UUID, *, base_url: str) -> Invitation:
    """Send a new letter with a new secret and the full time; the old letter opens nothing."""
    invitation = await queries.get_invitation(uow.session, invitation_id, lock=True)
    uow.expect(invitation)
    refuse_excess(uow.actor, invitation.role, invitation.flags, invitation.functional_roles)
    secret = new_secret()
    invitation.renew(secret, uow.now())
    if invitation.mail_id is not None:
        await cancel_mail(uow, invitation.mail_id)
    await _write(uow, invitation, secret, base_url)
    await _record(uow, invitation, "resent")
    return invitation


async def cancel_invitation(uow: UnitOfWork, invitation_id: UUID) -> Invitation:
    """Take an invitation back; its letter is not sent any more, or opens nothing."""
    invitation = await queries.get_invitation(uow.session, invitation_id, lock=True)
    uow.expect(invitation)
    invitation.cancel(uow.now())
    if invitation.mail_id is not None:
        await cancel_mail(uow, invitation.mail_id)
    await _record(uow, invitation, "cancelled")
    return invitation


async def find_open_invitation(uow: UnitOfWork, secret: str) -> InvitationFound | None:
    """Tell whoever holds the secret what it opens; nothing when it opens nothing any more."""
    invitation = await queries.find_invitation_by_secret(uow.session, secret)
    opens = (InvitationState.open, InvitationState.bounced)
    if invitation is None or invitation.state not in opens:
        return None
    organization = await get_organization(uow.session, invitation.org_id)
    user = invitation.user
    if not organization.is_active or not (user.status in _NEW or user.may_sign_in):
        return None
    return InvitationFound(
        invitation_id=invitation.id,
        org_id=organization.id,
        organization_code=organization.code,
        organization_name=organization.name,
        email=user.email,
        full_name=invitation.full_name,
        language=user.language,
        needs_password=user.status in _NEW,
    )


async def accept_invitation(uow: UnitOfWork, secret: str, *, password: str | None = None) -> User:
    """Join the organization: a new account is opened with the password; the secret is used up."""
    found = await find_open_invitation(uow, secret)
    if found is None:
        raise InvitationNotOpen
    if found.needs_password and password is None:
        raise PasswordMissing
    before = uow.actor
    # The secret is the right to join; whoever holds it may have no other.
    await become(uow, Actor.system(found.org_id, found.organization_code))
    if not await queries.take_invitation(uow.session, secret, uow.now()):
        raise InvitationNotOpen
    invitation = await queries.get_invitation(uow.session, found.invitation_id)
    user = await get_user(uow.session, invitation.user_id, lock=True)
    if user.status in _NEW:
        await set_password(uow, user, password or "")
        await activate_user(uow, user)
    await _join(uow, user, invitation)
    await _record(uow, invitation, "accepted")
    await become(uow, before)
    return user


async def _join(uow: UnitOfWork, user: User, invitation: Invitation) -> None:
    known = await find_membership_of(uow.session, uow.actor.org_id, user.id)
    if known is not None and known.is_active:
        return
    membership = await add_member(
        uow,
        user,
        MembershipRole(invitation.role),
        is_primary=not await has_primary(uow, user),
        flags=invitation.flags,
        position=invitation.position,
        department=invitation.department,
        invited_by=invitation.created_by,
    )
    for role in invitation.functional_roles:
        await place_in_role(uow, membership, role, "The invitation said so.")


def refuse_excess(
    actor: Actor, role: str, flags: Iterable[str] = (), functional_roles: Iterable[str] = ()
) -> None:
    """Refuse to give away more than one has, or may hand on; a functional role must be known."""
    check_appointment(actor, role, flags)
    for name in functional_roles:
        if name not in FUNCTIONAL:
            raise FunctionalRoleUnknown(f"There is no functional role {name}.")
        check_delegable(actor, pattern_of(name))


async def keep_invitation(
    uow: UnitOfWork, asked: InvitationCreate, secret: str
) -> tuple[Invitation, str]:
    """Store an invitation and the invited person; returns the secret, which is stored nowhere."""
    organization = await get_organization(uow.session, uow.actor.org_id)
    if organization.status == OrganizationStatus.retired:
        raise OrganizationRetired
    user = await find_user_by_email(uow.session, asked.email)
    if user is None:
        more = {"phone": asked.phone, "language": asked.language.value}
        user = await invite_user(uow, asked.email, asked.full_name, username=asked.username, **more)
    elif await queries.find_standing_invitation(uow.session, user.id):
        raise AlreadyInvited
    else:
        membership = await find_membership_of(uow.session, uow.actor.org_id, user.id)
        if membership is not None and membership.is_active:
            raise AlreadyMember
    invitation = Invitation(
        user=user,
        user_id=user.id,
        email=user.email,
        full_name=asked.full_name,
        role=asked.role.value,
        flags=list(asked.flags),
        functional_roles=list(asked.functional_roles),
        position=asked.position,
        department=asked.department,
        digest=digest_of(secret),
        expires_at=uow.now() + LIFETIME,
        mail=None,
        letters=0,
    )
    uow.session.add(invitation)
    await uow.session.flush()
    await _record(uow, invitation, "created")
    return invitation, secret


async def _record(uow: UnitOfWork, invitation: Invitation, done: str) -> None:
    told = ("role", "flags", "functional_roles", "letters", "expires_at")
    await record(
        uow,
        f"invitation.{done}",
        entity="invitation",
        entity_id=invitation.id,
        person_id=invitation.user_id,
        after={name: getattr(invitation, name) for name in told},
    )


async def _write(uow: UnitOfWork, invitation: Invitation, secret: str, base_url: str) -> None:
    invitation.count_letter(uow.now())
    organization = await get_organization(uow.session, uow.actor.org_id)
    user, inviter = invitation.user, await find_user(uow.session, uow.actor.user_id)
    invitation.mail_id = await send(
        uow,
        "invitation",
        to=user.email,
        language=user.language,
        full_name=invitation.full_name,
        email=user.email,
        invited_by=inviter.full_name if inviter else organization.name,
        organization_name=organization.name,
        organization_code=organization.code,
        valid_until=f"{invitation.expires_at.astimezone(MANILA):%d %B %Y, %H:%M} (Manila)",
        link=f"{base_url}{PAGE}?secret={secret}",
    )
