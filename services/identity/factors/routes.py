"""The pages on which a person sets up and removes how they sign in."""

from __future__ import annotations

from uuid import UUID

import pyotp
import segno
from fastapi import APIRouter, Response

from services.identity.credentials import usecases as credentials
from services.identity.credentials.model import PasskeyNotAccepted, WrongCode
from services.identity.credentials.queries import (
    count_recovery_codes,
    find_totp,
    list_passkeys,
)
from services.identity.credentials.schemas import PRODUCT, offer_of
from services.identity.factors import usecases
from services.identity.languages.model import in_manila
from services.identity.pages.schemas import (
    EnrolPage,
    Held,
    MethodsPage,
    PasskeyPage,
    Problem,
    RecoveryCodesPage,
)
from services.identity.sessions.model import SignInSession, Step, new_secret
from services.identity.sessions.schemas import next_address, step_address
from services.identity.sign_ins.model import Browser, Progress
from services.identity.sign_ins.usecases import come_further
from services.identity.web import PageRoute, Visit, Visiting

router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)

METHODS = "/account/sign-in-methods"


@router.get("/sign-in-methods")
async def list_methods(visit: Visiting) -> Response:
    session = await visit.person()
    user = session.user
    async with visit.transaction(user.as_person()) as uow:
        totp = await find_totp(uow.session, user.id)
        passkeys = await list_passkeys(uow.session, user.id)
        spare = await count_recovery_codes(uow.session, user.id)
    page = MethodsPage(
        has_password=user.password_hash is not None,
        password_since=in_manila(user.password_changed_at),
        totp_since=in_manila(totp.confirmed_at) if totp else "",
        passkeys=tuple(
            Held(
                id=str(row.id),
                name=row.name,
                lines=(
                    visit.say("methods.added", at=in_manila(row.created_at)),
                    visit.say("methods.used", at=in_manila(row.last_used_at) or "-"),
                ),
            )
            for row in passkeys
        ),
        recovery_codes=spare,
    )
    return await visit.show(page)


@router.get("/authenticator")
async def show_authenticator(visit: Visiting) -> Response:
    session = await visit.person(fresh=True, at=Step.enrolment)
    return await _enrol(visit, session)


@router.post("/authenticator")
async def add_authenticator(visit: Visiting) -> Response:
    session = await visit.person(fresh=True, at=Step.enrolment)
    try:
        async with visit.transaction(session.user.as_person()) as uow:
            codes = await usecases.add_authenticator(uow, session.user_id, visit.field("code", 20))
            progress = await come_further(uow, session.id, ["otp", "mfa"], _browser(visit))
    except WrongCode as refusal:
        return await _enrol(visit, session, *visit.problem(refusal, "code"))
    return await _with_codes(visit, session, codes, progress)


@router.post("/authenticator/remove")
async def remove_authenticator(visit: Visiting) -> Response:
    session = await visit.person(fresh=True)
    async with visit.transaction(session.user.as_person()) as uow:
        await usecases.remove_authenticator(uow, session.user_id)
    return visit.go(METHODS)


@router.post("/recovery-codes")
async def renew_recovery_codes(visit: Visiting) -> Response:
    session = await visit.person(fresh=True)
    async with visit.transaction(session.user.as_person()) as uow:
        codes = await usecases.renew_recovery_codes(uow, session.user_id)
    return await visit.show(RecoveryCodesPage(codes=codes, email=session.user.email))


@router.get("/passkey")
async def show_passkey(visit: Visiting) -> Response:
    session = await visit.person(fresh=True, at=Step.enrolment)
    return await _offer(visit, session)


@router.post("/passkey")
async def add_passkey(visit: Visiting) -> Response:
    session = await visit.person(fresh=True, at=Step.enrolment)
    asked = visit.answered()
    name = visit.field("name", 60).strip() or visit.device_label
    try:
        async with visit.transaction(session.user.as_person()) as uow:
            await usecases.add_passkey(
                uow, session.user_id, visit.field("answer", 16000), asked=asked, name=name
            )
            progress = await come_further(uow, session.id, ["hwk", "user", "mfa"], _browser(visit))
    except PasskeyNotAccepted as refusal:
        visit.renew_token()
        return await _offer(visit, session, *visit.problem(refusal))
    _arrived(visit, progress)
    if progress.awaits is not None:
        return visit.go(step_address(progress.awaits, visit.continue_to))
    return visit.go(next_address(visit.continue_to) if visit.continue_to else METHODS)


@router.post("/passkeys/{passkey_id}/remove")
async def remove_passkey(visit: Visiting, passkey_id: UUID) -> Response:
    session = await visit.person(fresh=True)
    async with visit.transaction(session.user.as_person()) as uow:
        await usecases.remove_passkey(uow, session.user_id, passkey_id)
    return visit.go(METHODS)


async def _enrol(visit: Visit, session: SignInSession, *problems: Problem) -> Response:
    async with visit.transaction(session.user.as_person()) as uow:
        totp = await find_totp(uow.session, session.user_id)
        if totp is not None and totp.confirmed_at is not None:
            return visit.go(METHODS)
        secret = await credentials.begin_totp(uow, session.user_id)
    uri = pyotp.TOTP(secret).provisioning_uri(name=session.user.email, issuer_name=PRODUCT)
    page = EnrolPage(
        qr=segno.make(uri, error="m").svg_inline(scale=5, border=4, omitsize=True),
        key=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        is_required=session.awaits is not None,
        problems=problems,
        continue_to=visit.continue_to,
    )
    return await visit.show(page, 401 if problems else 200)


async def _offer(visit: Visit, session: SignInSession, *problems: Problem) -> Response:
    asked, issued = visit.ask()
    async with visit.transaction(session.user.as_person()) as uow:
        passkeys = await list_passkeys(uow.session, session.user_id)
    options = offer_of(
        asked,
        user_id=session.user_id,
        email=session.user.email,
        full_name=session.user.full_name,
        passkeys=passkeys,
    )
    page = PasskeyPage(
        options=options, issued=issued, problems=problems, continue_to=visit.continue_to
    )
    return await visit.show(page, 401 if problems else 200)


async def _with_codes(
    visit: Visit, session: SignInSession, codes: tuple[str, ...], progress: Progress
) -> Response:
    _arrived(visit, progress)
    onward = visit.continue_to
    if progress.awaits is not None:
        onward = step_address(progress.awaits, onward)
    page = RecoveryCodesPage(
        codes=codes, email=session.user.email, continue_to=next_address(onward) if onward else ""
    )
    return await visit.show(page)


def _arrived(visit: Visit, progress: Progress) -> None:
    visit.keep_session(progress.secret)


def _browser(visit: Visit) -> Browser:
    return Browser(visit.network, visit.device_label, visit.device_secret or new_secret())
