"""People, organizations and browsers for identity's tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.sealing import Sealer
from libs.chassis.testing import SEALING_KEY, Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.identity.approvals.model import LIFE, Approval
from services.identity.credentials.usecases import plant_totp
from services.identity.delegations.model import Delegation
from services.identity.focal_designations.model import FocalDesignation
from services.identity.grants.model import PermissionGrant, RoleGrant
from services.identity.imports.schemas import ImportCreate
from services.identity.imports.usecases import create_import
from services.identity.invitations.schemas import InvitationCreate
from services.identity.invitations.usecases import print_invitation
from services.identity.mails.model import Mail
from services.identity.mails.schemas import MailContent
from services.identity.memberships.model import Membership, MembershipRole
from services.identity.memberships.usecases import add_member
from services.identity.organizations.model import Module, Organization
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.registrations.model import WAITS, Registration
from services.identity.roles.model import Role, RolePermission
from services.identity.users.model import User, hash_password

PASSWORD = "a password of many words"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OPERATOR = Actor.system(UUID(int=0))


@cache
def a_hash(password: str = PASSWORD) -> str:
    return hash_password(password)


async def a_user(
    database: Database,
    email: str,
    *,
    user_id: UUID | None = None,
    has_factor: bool = True,
    **places: str | tuple[str, ...],
) -> User:
    """Make a user with a place in each organization; the first is primary.

    `MOH="manager"` or, with flags, `MOH=("manager", "can_approve_plans")`: those need an app too.
    """
    async with database.unit_of_work(OPERATOR) as uow:
        user = User(
            id=user_id or uuid7(),
            email=email,
            full_name="Amina Person",
            password_hash=a_hash(),
            password_changed_at=uow.now(),
            status="active",
        )
        uow.session.add(user)
        await uow.session.flush()
        for nth, (code, place) in enumerate(places.items()):
            role, *flags = (place,) if isinstance(place, str) else place
            organization = await find_organization_by_code(uow.session, code)
            assert organization is not None
            async with acting_within(uow, organization):
                await add_member(
                    uow, user, MembershipRole(role), is_primary=nth == 0, flags=list(flags)
                )
            if flags and has_factor:
                await plant_totp(uow, user.id, TOTP_SECRET)
    return user


async def events_of(database: ServiceDatabase) -> list[Any]:
    """Return what was announced, as only the relay may read it."""
    engine = create_async_engine(database.relay, poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT * FROM identity.outbox ORDER BY position"))
        rows = list(found.all())
    await engine.dispose()
    return rows


async def letters_of(database: Database) -> list[tuple[str, dict[str, str]]]:
    """Return the letters that wait, as address and words."""
    async with database.unit_of_work(OPERATOR) as uow:
        mails = await uow.session.scalars(
            select(Mail).where(Mail.status == "queued").order_by(Mail.created_at, Mail.id)
        )
        sealer = uow.session.info["sealer"]
        return [
            (
                mail.to_address,
                MailContent.model_validate_json(
                    sealer.unseal(mail.sealed, place=mail.place)
                ).values,
            )
            for mail in mails
        ]


async def subjects_of_letters(database: Database) -> list[str]:
    """Return which letters wait, by their templates."""
    async with database.unit_of_work(OPERATOR) as uow:
        found = await uow.session.scalars(select(Mail.template).order_by(Mail.created_at, Mail.id))
        return list(found)


async def pass_time(database: ServiceDatabase, interval: str) -> None:
    """Let time pass for everything that runs out, as only the database's administrator can."""
    engine = create_async_engine(database.admin, poolclass=NullPool)
    async with engine.begin() as connection:
        # Out of each other's way first: keys are a life apart, and no two may begin at once.
        away = "UPDATE identity.signing_keys SET signs_from = signs_from + interval '400000 days'"
        await connection.execute(text(away))
        for table, columns in (
            ("authorization_codes", ["expires_at"]),
            ("refresh_tokens", ["expires_at"]),
            ("sign_in_sessions", ["signed_in_at", "last_seen_at", "proved_at"]),
            ("password_resets", ["expires_at"]),
            ("sign_in_attempts", ["counted_since", "blocked_until"]),
            ("invitations", ["expires_at", "last_letter_at"]),
        ):
            moved = ", ".join(f"{name} = {name} - interval '{interval}'" for name in columns)
            await connection.execute(text(f"UPDATE identity.{table} SET {moved}"))
        back = f"signs_from - interval '400000 days' - interval '{interval}'"
        await connection.execute(text(f"UPDATE identity.signing_keys SET signs_from = {back}"))
    await engine.dispose()


def a_ministry(code: str) -> Organization:
    """Return an organization whose id is the one in the tokens of the shared tests."""
    return Organization(
        id=org_id_of(code),
        key=code.lower(),
        code=code,
        name=code,
        org_type="ministry",
        is_moa=True,
        is_pilot=True,
        modules=[module.value for module in Module],
        verified="yes",
        source_note="",
    )


async def seed(person: Person, database: ServiceDatabase) -> dict[str, str]:
    """Make a record for every path parameter of identity, in the person's organization."""
    own = Database(database.app, info={"sealer": Sealer(SEALING_KEY)})
    async with own.unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("MOH", "MOLE"))
    await a_user(own, "self@moh.example", user_id=person.user_id, **{person.org: "staff"})
    await a_user(own, "other@moh.example", **{person.org: "staff"})
    async with own.unit_of_work(Actor.system(org_id_of(person.org))) as uow:
        membership = await uow.session.scalar(
            select(Membership).join(Membership.user).where(User.email == "other@moh.example")
        )
        assert membership is not None
        asked = InvitationCreate(email="new@moh.example", full_name="New Person")
        invitation, _ = await print_invitation(uow, asked)
        made = {"membership": membership, "invitation": invitation}
        uow.session.info["actor"] = Actor(person.user_id, org_id_of(person.org), person.org)
        delegation = _delegation_to(membership, person.user_id, uow.now())
        uow.session.add(delegation)
        await uow.session.flush()
        uow.session.info["actor"] = Actor.system(org_id_of(person.org))
        made["delegation"] = delegation
        made |= _rights_of(membership) | _business_of(membership, uow.now())
        uow.session.add_all(made.values())
        await uow.session.flush()
        file = "email,first_name,last_name,organization,role\n"
        made["import"] = await create_import(uow, ImportCreate(file=file))
    await own.close()
    return {
        **{f"{name}_id": str(record.id) for name, record in made.items()},
        "permission_id": str(made["role"].permissions[0].id),
        "organization_id": str(org_id_of(person.org)),
        "module": "planning",
    }


def _rights_of(membership: Membership) -> dict[str, Any]:
    """Return a role of the organization's own, and one grant of each kind."""
    role = Role(slug="nurse", name="Nurse", description="", level=2)
    role.permissions = [RolePermission(pattern="planning.ppa.read", is_denial=False)]
    whose = {"membership_id": membership.id, "user_id": membership.user_id, "reason": "Seed."}
    return {
        "role": role,
        "role_grant": RoleGrant(role_key="planning_officer", **whose),
        "permission_grant": PermissionGrant(pattern="planning.ppa.create", **whose),
    }


def _delegation_to(membership: Membership, delegator: UUID, now: datetime) -> Delegation:
    return Delegation(
        membership_id=membership.id,
        user_id=membership.user_id,
        delegator_id=delegator,
        permissions=["budgeting.proposal.return"],
        starts_at=now,
        ends_at=now + timedelta(days=1),
        reason="Seed.",
    )


def _business_of(membership: Membership, now: datetime) -> dict[str, Any]:
    """Return what waits for somebody's decision, and a designation."""
    user_id = membership.user_id
    return {
        "approval": Approval(
            kind="people_export",
            payload={},
            reason="Seed.",
            requested_by=user_id,
            expires_at=now + LIFE,
        ),
        "focal_designation": FocalDesignation(
            membership_id=membership.id, user_id=user_id, from_on=now.date()
        ),
        "registration": Registration(
            secret_digest="0" * 64,
            email="applicant@moh.example",
            full_name="An Applicant",
            position="Nurse",
            phone="+639171234567",
            language="en",
            expires_at=now + WAITS,
        ),
    }


def may(permissions: list[str], permission: str) -> bool:
    """Whether a token with these patterns allows `service.noun.verb`."""
    return Actor(uuid7(), uuid7(), "MOH", permissions=tuple(permissions)).may(permission)
