"""Patterns compared with each other: nobody hands out more than they hold (ASVS V8.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from uuid import UUID

from libs.refusals import Forbidden, Invalid
from libs.tenancy.actor import DENIAL, OVERSIGHT_SERVICE

_SEGMENT = r"(\*|[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*)"
PATTERN = re.compile(rf"{_SEGMENT}\.{_SEGMENT}\.{_SEGMENT}")
LONGEST = 200


class PatternUnreadable(Invalid):
    """A permission is `service.noun.verb`."""

    title = "A permission is written service.noun.verb, with * or words with commas."


class BeyondOwnRights(Forbidden):
    """Nobody gives what they could not do or hand on themselves."""

    title = "You cannot give a right that is not yours to give."


class Source(StrEnum):
    """Where a right or a denial comes from; what is one's own stands before what is delegated."""

    person = "person"
    role = "role"
    delegation = "delegation"


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern that is granted or denied, and by what."""

    pattern: str
    source: Source
    name: str
    is_denial: bool = False
    is_basic: bool = False
    """Whether it comes with being a member at all, as the role of the membership does."""
    delegator: UUID | None = None
    """For whom it is used: who delegated it; None for a right of one's own."""
    roles_away: tuple[str, ...] = ()
    """The roles of who delegated it."""
    ends_at: datetime | None = None
    """When a delegation is over."""


def check_pattern(pattern: str) -> str:
    """Return the pattern, or refuse it."""
    if len(pattern) > LONGEST or not PATTERN.fullmatch(pattern):
        raise PatternUnreadable(f"{pattern[:LONGEST]!r} is not one.")
    return pattern


def covers_pattern(outer: str, inner: str) -> bool:
    """Tell whether every permission that `inner` matches is matched by `outer` too."""
    return all(
        _covers(wide, narrow, first=nth == 0)
        for nth, (wide, narrow) in enumerate(
            zip(outer.split("."), inner.split("."), strict=True),
        )
    )


def overlaps(one: str, other: str) -> bool:
    """Tell whether some permission is matched by both."""
    return all(
        _common(left, right) for left, right in zip(one.split("."), other.split("."), strict=True)
    )


def covered(held: Iterable[str], wanted: str) -> bool:
    """Tell whether held patterns, some of them denials, together allow all that `wanted` says."""
    patterns = list(held)
    denied = [pattern[1:] for pattern in patterns if pattern.startswith(DENIAL)]
    granted = [pattern for pattern in patterns if not pattern.startswith(DENIAL)]
    if any(overlaps(denial, wanted) for denial in denied):
        return False
    return all(any(covers_pattern(outer, atom) for outer in granted) for atom in atoms(wanted))


def atoms(pattern: str) -> list[str]:
    """Return the pattern without commas: one for each combination of its words."""
    words = (segment.split(",") for segment in pattern.split("."))
    return [".".join(atom) for atom in product(*words)]


def merged(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return fewer patterns that say the same: verbs of one noun are written together."""
    verbs: dict[str, dict[str, None]] = {}
    for pattern in patterns:
        noun, _, verb = pattern.rpartition(".")
        verbs.setdefault(noun, {}).update(dict.fromkeys(verb.split(",")))
    return tuple(
        f"{noun}.*" if "*" in found else f"{noun}.{','.join(found)}"
        for noun, found in verbs.items()
    )


def _covers(wide: str, narrow: str, *, first: bool) -> bool:
    if first:
        # Oversight is granted by its name alone, never by `*` nor in a list (`Actor.may`).
        if OVERSIGHT_SERVICE in (narrow, wide):
            return wide == narrow
        if narrow != "*":
            narrow = ",".join(w for w in narrow.split(",") if w != OVERSIGHT_SERVICE)
    if wide == "*" or not narrow:
        return True
    return narrow != "*" and set(narrow.split(",")) <= set(wide.split(","))


def _common(left: str, right: str) -> bool:
    if "*" in (left, right):
        return True
    return bool(set(left.split(",")) & set(right.split(",")))
