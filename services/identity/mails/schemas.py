"""The words of a letter: templates in two languages, as text and as HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from pydantic import BaseModel, ConfigDict

from services.identity.mails.model import AddressInvalid

FOLDER = Path(__file__).parent.parent / "templates" / "mail"
LINKS = ("link", "url")
ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[^\s@<>\"(),:;\\\[\]]+\.[^\s@<>\"(),:;\\\[\]]+")
ADDRESS_LENGTH = 254


class MailContent(BaseModel):
    """What a letter is made from; this is what is sealed."""

    model_config = ConfigDict(frozen=True)

    template: str
    language: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as a person reads it."""

    subject: str
    text: str
    html: str


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def address_of(text: str) -> str:
    """Return the address; refuses what could name a second reader or another header."""
    address = text.strip()
    if len(address) > ADDRESS_LENGTH or not ADDRESS.fullmatch(address) or not address.isprintable():
        raise AddressInvalid
    return address


def tamed(name: str, value: str) -> str:
    """Return a value on one line; only a link may look like one (a name never leads anywhere)."""
    words = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if name.rsplit("_", 1)[-1] not in LINKS:
        words = words.replace("://", " ")
    return words


def compose(content: MailContent, *, support_address: str = "") -> Letter:
    """Fill in the templates; a value that is missing is an error, never a blank."""
    values = {**content.values, "support_address": support_address, "language": content.language}
    text = _template(content, "txt").render(values)
    subject, _, rest = text.partition("\n")
    values["subject"] = " ".join(subject.split())
    return Letter(values["subject"], rest.strip() + "\n", _template(content, "html").render(values))


def _template(content: MailContent, kind: str) -> Template:
    """Return the template of the language, or the English one where there is no other."""
    named = (f"{content.template}.{content.language}.{kind}.j2", f"{content.template}.{kind}.j2")
    return _templates().select_template(named)
