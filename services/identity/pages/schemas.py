"""The pages, each with the words it is filled with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent.parent / "templates"


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page; `form_targets` are the origins to which its form may lead in the end."""

    template: ClassVar[str]

    form_targets: tuple[str, ...] = field(default=())

    def html(self) -> str:
        """Return the page filled in; every value is escaped."""
        return _templates().get_template(self.template).render(asdict(self))

    def headers(self) -> dict[str, str]:
        """Return the headers of the page: nothing from elsewhere, in no frame, in no cache.

        The referrer policy keeps `Origin` on our own forms, which `no-referrer` would blank.
        """
        form_action = " ".join(["'self'", *self.form_targets])
        return {
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
                f" frame-ancestors 'none'; form-action {form_action}"
            ),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """The form that asks who you are."""

    template = "sign_in.html"

    csrf_token: str
    continue_to: str
    email: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage(Page):
    """Who is signed in in this browser, and the way out."""

    template = "account.html"

    full_name: str
    email: str
    csrf_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage(Page):
    """One thing to tell, and what can be done about it."""

    template = "message.html"

    title: str
    text: str
    link: str = ""
    link_text: str = ""
