"""The remembered register, and which of its entries a published file means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import ClassVar

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, NotFound
from libs.tenancy.rows import TenantOwned, check
from services.planning.db import Base

SIMILAR = 0.7
"""From which share of common words on a name is worth a hint; a hint is never followed."""

_GLOSS = re.compile(r"\([^)]*\)")
_NOT_WORD = re.compile(r"[^\w\s]+")
_LEFT_OUT = {"and", "the"}
_TOO_USUAL = {"of", "on", "for"}


class OrganizationNotNamed(NotFound):
    """A file without acronym or name belongs to nobody."""

    title = "The file does not say whose it is."


class OrganizationNotKnown(NotFound):
    """The register has no organization of this code."""

    title = "The register has no organization of this code."


class OrganizationOfOtherName(Conflict):
    """The code is in the register, but it is another body's."""

    title = "In the register this code belongs to another body."


class OrganizationNotActive(Conflict):
    """A suspended organization takes no new records."""

    title = "The organization is suspended."


class KnownOrganization(TenantOwned, Base):
    """One entry of identity's register as last announced; its row belongs to that organization."""

    __tablename__ = "known_organizations"
    __table_args__ = (check("own", "id = org_id"),)
    noun: ClassVar[str] = "planning.known_organization"

    key: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    org_type: Mapped[str] = mapped_column(Text)
    is_moa: Mapped[bool]
    is_active: Mapped[bool]
    register_version: Mapped[int]

    def follow(self, state: Mapping[str, object], *, register_version: int) -> None:
        """Take the state of a newer announcement; an older one that comes late says nothing."""
        if register_version > (self.register_version or 0):
            for name, value in state.items():
                setattr(self, name, value)
            self.register_version = register_version


def find_owner(
    acronym: str,
    name: str,
    known: Iterable[KnownOrganization],
    chosen: Mapping[str, str] | None = None,
) -> KnownOrganization:
    """Return the organization that a file means: same code and same name, or refuse.

    `chosen` maps an acronym to the register's code; it is an operator's word, so the name is
    then not compared. Nothing is guessed: a similar name is only told.
    """
    known = list(known)
    if not acronym or not name:
        missing = "acronym" if not acronym else "moa (the name)"
        raise OrganizationNotNamed(f"the file has no {missing}")
    code = (chosen or {}).get(acronym.upper())
    if code is not None:
        owner = _of_code(code, known)
        if owner is None:
            raise OrganizationNotKnown(f"the register has no code {code}, chosen for {acronym}")
    else:
        owner = _of_code(acronym, known)
        if owner is None:
            raise OrganizationNotKnown(
                f"the register has no code {acronym}; {_hint(acronym, name, known)}"
            )
        if plain_name(owner.name) != plain_name(name):
            raise OrganizationOfOtherName(
                f"in the register {owner.code} is “{owner.name}”, in the file “{name}”;"
                f" {_hint(acronym, name, known)}"
            )
    if not owner.is_active:
        raise OrganizationNotActive(f"{owner.code} is suspended in the register")
    return owner


def plain_name(name: str) -> str:
    """Return a name without what differs between spellings of one body: case, signs, glosses."""
    plain = unicodedata.normalize("NFKC", _GLOSS.sub(" ", name)).casefold()
    words = _NOT_WORD.sub("", plain.replace("-", " ").replace("&", " ")).split()
    return " ".join(word for word in words if word not in _LEFT_OUT)


def _of_code(code: str, known: list[KnownOrganization]) -> KnownOrganization | None:
    return next((each for each in known if each.code.upper() == code.strip().upper()), None)


def _hint(acronym: str, name: str, known: list[KnownOrganization]) -> str:
    words = _telling_words(name)
    scored = [(_likeness(words, _telling_words(each.name)), each) for each in known]
    score, closest = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if closest is None or score < SIMILAR:
        return "no entry has a similar name"
    is_same = plain_name(closest.name) == plain_name(name)
    return (
        f"{closest.code}, “{closest.name}”, has {'this' if is_same else 'a similar'} name:"
        f" give --as {acronym}={closest.code} if it is this body"
    )


def _telling_words(name: str) -> set[str]:
    return set(plain_name(name).split()) - _TOO_USUAL


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)
