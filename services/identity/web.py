"""What the pages share of HTTP: a browser's visit, its cookies and forms, and the answer to it.

It stands beside the slices because only routes may know HTTP, and routes are nobody's to import.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork, utc_now
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.clients.queries import list_origins
from services.identity.clients.usecases import form_fields
from services.identity.credentials.schemas import Asked, challenge_of
from services.identity.devices.model import label_of
from services.identity.languages.model import LANGUAGES, language_of, say, sentence_of
from services.identity.pages.schemas import MessagePage, Page, Problem
from services.identity.sessions.model import SignInSession, Step, new_secret
from services.identity.sessions.schemas import Cookies, is_from_own_page, step_address
from services.identity.sessions.usecases import come_halfway
from services.identity.settings import Settings
from services.identity.sign_in_attempts.model import network_of
from services.identity.users.model import ANYONE

A_YEAR = 365 * 24 * 3600
CHALLENGE_SECONDS = 300


class FormUnreadable(Refusal):
    """The form is none, or holds what no page of ours sends: 400."""

    status = 400
    title = "The form could not be read"


class FormNotOurs(Refusal):
    """The form did not come from a page of ours (ASVS 3.5.1): 403."""

    status = 403
    title = "The form did not come from this site"


class SignInFirst(Refusal):
    """The page is for someone who is signed in, and has done every step: 401."""

    status = 401
    title = "Sign in first."

    def __init__(self, address: str) -> None:
        """Take where to go."""
        super().__init__()
        self.address = address


class Visit:
    """One request of a browser, and what is put into the answer to it."""

    def __init__(self, request: Request, form: dict[str, str]) -> None:
        """Read what the browser tells of itself."""
        self.request = request
        self.form = form
        self.settings: Settings = request.app.state.settings
        self.cookies = Cookies.of(self.settings.issuer)
        self.language = language_of(
            request.query_params.get("language"),
            request.cookies.get(self.cookies.language),
            request.headers.get("accept-language"),
        )
        self.csrf_token = request.cookies.get(self.cookies.csrf) or new_secret()
        self.secret = request.cookies.get(self.cookies.session)
        self.full_name = ""
        self._kept: dict[str, tuple[str, int | None]] = {}
        if request.query_params.get("language") in LANGUAGES:
            self.keep_language(self.language)

    @property
    def network(self) -> str:
        """The /24 or /56 that the browser speaks from."""
        return network_of(self.request.client.host if self.request.client else "")

    @property
    def device_label(self) -> str:
        """What a person would call this browser."""
        return label_of(self.request.headers.get("user-agent", ""))

    @property
    def device_secret(self) -> str | None:
        """The cookie of a browser that was here before."""
        return self.request.cookies.get(self.cookies.device)

    @property
    def continue_to(self) -> str:
        """Where the browser was on its way to, as the address or the form says it."""
        asked = self.request.query_params.get("continue", "")[:4000]
        return self.field("continue", 4000) or asked.replace("\x00", "")

    def field(self, name: str, most: int = 200) -> str:
        """Return a field of the form; refuses what no page of ours would have sent."""
        value = self.form.get(name, "")
        if len(value) > most or "\x00" in value:
            raise FormUnreadable
        return value

    def say(self, key: str, **values: object) -> str:
        """Return a sentence in the language of the browser."""
        return say(self.language, key, **values)

    def problem(self, refusal: Refusal, field: str = "") -> tuple[Problem, ...]:
        """Return what a refusal says, at the field that it is about."""
        return (Problem(text=sentence_of(self.language, refusal), field=field),)

    def transaction(self, actor: Actor = ANYONE) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one transaction for an actor."""
        database: Database = self.request.app.state.database
        return database.unit_of_work(actor)

    async def person(self, *, fresh: bool = False, at: Step | None = None) -> SignInSession:
        """Return the session of whoever is signed in, or send them where they sign in first.

        `at` lets one in who has come to that step; `fresh` wants a proof of a few minutes ago.
        """
        session = await self.halfway()
        here = f"{self.request.url.path}?{self.request.url.query}".rstrip("?")
        if session is None:
            raise SignInFirst(step_address(None, here))
        if session.awaits not in (None, at):
            raise SignInFirst(step_address(session.awaits, self.continue_to or here))
        if fresh and not session.is_fresh(utc_now()):
            back = here if self.request.method == "GET" else "/account/sign-in-methods"
            raise SignInFirst(f"/account/confirm?{urlencode({'continue': back})}")
        self.full_name = session.user.full_name
        return session

    async def halfway(self) -> SignInSession | None:
        """Return the browser's session, even while it awaits a step."""
        async with self.transaction() as uow:
            return await come_halfway(uow, self.secret)

    def ask(self) -> tuple[Asked, str]:
        """Return what a passkey has to sign in this browser, and when it was asked."""
        issued = f"{int(utc_now().timestamp())}-{new_secret()[:16]}"
        return self._asked(issued), issued

    def answered(self) -> Asked:
        """Return what the form's passkey was asked; refuses an answer that comes too late."""
        issued = self.field("issued", 40)
        at = issued.split("-")[0]
        if not at.isdecimal() or utc_now().timestamp() - int(at) > CHALLENGE_SECONDS:
            raise FormNotOurs
        return self._asked(issued)

    def _asked(self, issued: str) -> Asked:
        issuer = self.settings.issuer
        return Asked(challenge_of(self.csrf_token, issued), issuer, urlsplit(issuer).hostname or "")

    def keep(self, name: str, value: str, *, seconds: int | None = None) -> None:
        """Set a cookie with the answer; without a life it ends with the browser."""
        self._kept[name] = (value, seconds)

    def keep_session(self, secret: str) -> None:
        """Let the browser stand for a session; forms get a new token with it."""
        self.keep(self.cookies.session, secret)
        self.renew_token()

    def renew_token(self) -> None:
        """Take another token for forms from here on."""
        self.csrf_token = new_secret()
        self.keep(self.cookies.csrf, self.csrf_token)

    def keep_language(self, language: str) -> None:
        """Speak this language from here on."""
        self.language = language
        self.keep(self.cookies.language, language, seconds=A_YEAR)

    async def show(self, page: Page, status: int = 200) -> Response:
        """Answer with a page."""
        query = [
            (name, value)
            for name, value in self.request.query_params.multi_items()
            if name != "language"
        ]
        if page.continue_to and "continue" not in dict(query):
            query.append(("continue", page.continue_to))
        shown = replace(
            page,
            language=self.language,
            csrf_token=self.csrf_token,
            path=f"{self.request.url.path}?{urlencode([*query, ('', '')]).removesuffix('=')}",
            full_name=self.full_name,
            form_targets=await self._waiting(page.continue_to),
        )
        self.keep(self.cookies.csrf, self.csrf_token)
        return self._with_cookies(HTMLResponse(shown.html(), status, shown.headers()))

    def go(self, address: str) -> Response:
        """Answer by sending the browser elsewhere."""
        headers = {"Cache-Control": "no-store"}
        return self._with_cookies(RedirectResponse(address, 303, headers))

    async def tell(self, key: str, *, status: int = 200, link: str = "", **values: str) -> Response:
        """Answer with one thing to tell."""
        page = MessagePage(
            title=self.say(f"{key}.title"),
            text=self.say(f"{key}.text", **values),
            link=link,
            link_text=self.say(f"{key}.link") if link else "",
        )
        return await self.show(page, status)

    async def _waiting(self, continue_to: str) -> tuple[str, ...]:
        """Return the origins of the client that waits: browsers check them after redirects."""
        client_id = parse_qs(urlsplit(continue_to).query).get("client_id", [""])[0]
        if not client_id or "\x00" in client_id:
            return ()
        async with self.transaction() as uow:
            return await list_origins(uow.session, client_id)

    def with_token(self, response: Response) -> Response:
        """Put the token of the forms into an answer that was made elsewhere."""
        self._set(response, self.cookies.csrf, self.csrf_token)
        return response

    def _with_cookies(self, response: Response) -> Response:
        for name, (value, seconds) in self._kept.items():
            self._set(response, name, value, seconds)
        return response

    def _set(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        is_secure = self.cookies.is_secure
        response.set_cookie(
            name, value, max_age=seconds, httponly=True, samesite="lax", secure=is_secure
        )


async def _read_visit(request: Request) -> Visit:
    form: dict[str, str] = {}
    if request.method == "POST":
        try:
            sent = form_fields(await request.body(), request.headers.get("content-type", ""))
        except ValueError:
            request.state.visit = Visit(request, {})
            raise FormUnreadable from None
        form = dict(sent)
    request.state.visit = visit = Visit(request, form)
    if request.method == "POST" and not is_from_own_page(
        token=visit.field("csrf_token", 100),
        cookie=request.cookies.get(visit.cookies.csrf),
        site=request.headers.get("sec-fetch-site"),
        origin=request.headers.get("origin"),
        host=request.headers.get("host", ""),
        issuer=visit.settings.issuer,
    ):
        raise FormNotOurs
    return visit


Visiting = Annotated[Visit, Depends(_read_visit)]
"""The visit of a request; a form that no page of ours sent never gets this far."""


class PageRoute(APIRoute):
    """A route that answers a refusal with a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that says no in the browser's language."""
        handle = super().get_route_handler()

        async def speaking(request: Request) -> Response:
            try:
                return await handle(request)
            except Refusal as refusal:
                return await _explain(request.state.visit, refusal)

        return speaking


async def _explain(visit: Visit, refusal: Refusal) -> Response:
    if isinstance(refusal, SignInFirst):
        return visit.go(refusal.address)
    if isinstance(refusal, FormNotOurs | FormUnreadable):
        return await visit.tell(refusal.code(), status=refusal.status, link="/account/sign-in")
    page = MessagePage(
        title=sentence_of(visit.language, refusal),
        text=visit.say("message.ask"),
        link="/account",
        link_text=visit.say("message.account"),
    )
    answer = await visit.show(page, refusal.status)
    answer.headers.update(getattr(refusal, "headers", {}))
    return answer
