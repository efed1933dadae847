"""The pages for a forgotten password."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.background import BackgroundTask

from libs.refusals import Invalid
from services.identity.pages.schemas import ForgottenPage, NewPasswordPage, Problem
from services.identity.password_resets import usecases
from services.identity.password_resets.model import LinkNotOpen
from services.identity.sign_in_attempts.model import TooManyAttempts
from services.identity.sign_in_attempts.usecases import begin_attempt
from services.identity.web import PageRoute, Visit, Visiting

router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)


@router.get("/forgotten-password")
async def show_forgotten_password(visit: Visiting) -> Response:
    return await visit.show(ForgottenPage(continue_to=visit.continue_to))


@router.post("/forgotten-password")
async def ask_for_link(visit: Visiting) -> Response:
    login = visit.field("email", 254)
    try:
        async with visit.transaction() as uow:
            await begin_attempt(uow, f"reset {login}", visit.network, network=None)
    except TooManyAttempts as refusal:
        page = ForgottenPage(email=login, problems=visit.problem(refusal, "email"))
        answer = await visit.show(page, refusal.status)
        answer.headers.update(refusal.headers)
        return answer
    answer = await visit.tell("forgotten.sent", link="/account/sign-in")
    # Whether there is such an account shows neither in the answer nor in how long it takes.
    answer.background = BackgroundTask(_send, visit, login)
    return answer


@router.get("/reset-password")
async def show_reset_password(visit: Visiting) -> Response:
    return await _form(visit, visit.request.query_params.get("secret", ""))


@router.post("/reset-password")
async def reset_password(visit: Visiting) -> Response:
    secret = visit.field("secret", 100)
    try:
        async with visit.transaction() as uow:
            await usecases.reset_password(uow, secret, visit.field("new_password", 2000))
    except LinkNotOpen as refusal:
        return await _expired(visit, refusal)
    except Invalid as refusal:
        return await _form(visit, secret, *visit.problem(refusal, "new_password"))
    return await visit.tell("reset.done", link="/account/sign-in")


async def _send(visit: Visit, login: str) -> None:
    async with visit.transaction() as uow:
        await usecases.ask_for_link(uow, login, issuer=visit.settings.issuer)


async def _form(visit: Visit, secret: str, *problems: Problem) -> Response:
    try:
        async with visit.transaction() as uow:
            user = await usecases.find_owner(uow, secret)
    except LinkNotOpen as refusal:
        return await _expired(visit, refusal)
    page = NewPasswordPage(
        action="/account/reset-password",
        title=visit.say("reset.title"),
        lead=visit.say("reset.lead"),
        email=user.email,
        secret=secret,
        problems=problems,
    )
    return await visit.show(page, 422 if problems else 200)


async def _expired(visit: Visit, refusal: LinkNotOpen) -> Response:
    return await visit.tell(
        "link_not_open", status=refusal.status, link="/account/forgotten-password"
    )
