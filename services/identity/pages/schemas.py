"""The pages, each with the words it is filled with, in the language of the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.identity.languages.model import LANGUAGES, in_manila, say

FOLDER = Path(__file__).parent.parent / "templates"


@cache
def _templates() -> Environment:
    # A page is a page whatever its file is called: mails beside it have their own environment.
    found = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    found.trim_blocks = found.lstrip_blocks = True
    found.filters["manila"] = in_manila
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to put right, and the field where."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page; `form_targets` are the origins to which its form may lead in the end.

    `path` is its own address without a choice of language; `full_name` is who is signed in.
    """

    template: ClassVar[str]
    has_script: ClassVar[bool] = False

    form_targets: tuple[str, ...] = field(default=())
    language: str = "en"
    csrf_token: str = ""
    path: str = "/account/sign-in?"
    full_name: str = ""
    continue_to: str = ""
    problems: tuple[Problem, ...] = ()
    notice: str = ""

    def html(self) -> str:
        """Return the page filled in; every value is escaped."""
        translate: Callable[..., str] = partial(say, self.language)
        return (
            _templates()
            .get_template(self.template)
            .render(asdict(self), t=translate, languages=LANGUAGES, has_script=self.has_script)
        )

    def headers(self) -> dict[str, str]:
        """Return the headers of the page: nothing from elsewhere, in no frame, in no cache.

        The referrer policy keeps `Origin` on our own forms, which `no-referrer` would blank.
        """
        form_action = " ".join(["'self'", *self.form_targets])
        script = " script-src 'self';" if self.has_script else ""
        return {
            "Cache-Control": "no-store",
            "Content-Language": self.language,
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'self'; img-src 'self';{script} base-uri 'none';"
                f" frame-ancestors 'none'; form-action {form_action}"
            ),
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": (
                "publickey-credentials-get=(self), publickey-credentials-create=(self)"
            ),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage(Page):
    """One thing to tell, and what can be done about it; `detail` is for who runs the program."""

    template = "message.html"

    title: str
    text: str
    detail: str = ""
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """The form that asks who you are; `options` let a passkey answer instead."""

    template = "sign_in.html"
    has_script = True

    email: str = ""
    options: str = ""
    issued: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorPage(Page):
    """The form that asks for more than the password."""

    template = "second_factor.html"
    has_script = True

    has_totp: bool
    has_passkey: bool
    has_recovery: bool
    options: str = ""
    issued: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An organization to act for, and the address that chooses it."""

    code: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPage(Page):
    """Which of several organizations to act for now; `search` is what was looked for among many."""

    template = "organization.html"

    choices: tuple[Choice, ...]
    has_search: bool = False
    search: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenPage(Page):
    """The form that asks where to send a link."""

    template = "forgotten.html"

    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasswordPage(Page):
    """The form that takes a new password; `secret` is the link's when it came by mail."""

    template = "new_password.html"

    action: str
    title: str
    email: str
    lead: str = ""
    secret: str = ""
    asks_old: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPage(Page):
    """The code to scan and the key to type, for an app that shows six digits."""

    template = "authenticator.html"

    qr: str
    key: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodPage(Page):
    """The way into the second step for someone who has to have one."""

    template = "enrolment.html"
    has_script = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesPage(Page):
    """Ten codes, shown once."""

    template = "recovery_codes.html"

    codes: tuple[str, ...]
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A passkey, a session or a consent in a list, with what it may be told apart by."""

    id: str
    name: str
    lines: tuple[str, ...] = ()
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage(Page):
    """Who is signed in in this browser, and what they can change."""

    template = "account.html"

    email: str
    organizations: tuple[str, ...] = ()
    speaks: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsPage(Page):
    """How this person signs in: password, app, passkeys, recovery codes."""

    template = "methods.html"
    has_script = True

    has_password: bool
    totp_since: str
    passkeys: tuple[Held, ...]
    recovery_codes: int
    password_since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPage(Page):
    """The form that adds a passkey."""

    template = "passkey.html"
    has_script = True

    options: str
    issued: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Page):
    """A list whose rows can each be ended, and all but the current at once."""

    template = "list.html"

    kind: str
    rows: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage(Page):
    """The form that asks again who you are before something that matters."""

    template = "confirm.html"
    has_script = True

    email: str
    has_password: bool
    options: str = ""
    issued: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPage(Page):
    """The form by which an applicant proves to read the address."""

    template = "registration.html"

    lead: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage(Page):
    """The form by which someone with an account joins another organization."""

    template = "invitation.html"

    lead: str
    secret: str
