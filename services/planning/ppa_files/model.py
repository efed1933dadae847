"""A published file as rows: each with its place, and a fault in the place of each bad one.

Nothing is converted on the way: a number is the text in the file, an amount an exact decimal.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from libs.refusals import Invalid
from services.planning.indicators.model import IndicatorTold, read_target

LARGEST_FILE = 5 << 20
MOST_ROWS = 10_000
LONGEST_TITLE = 255
LONGEST_TEXT = 10_000
LONGEST_INDICATOR = 2_000
MOST_PESO_DIGITS = 16

_AMOUNT = re.compile(
    r"(?:PHP ?|₱ ?|P ?)?((?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.[0-9]+)?)",
    re.IGNORECASE,
)


class FileNotReadable(Invalid):
    """The file as a whole is no file of PPAs, so that no row of it can be told."""

    title = "The file cannot be read."


class AmountNotValid(Invalid):
    """An amount that is no exact, non-negative number of pesos and centavos."""

    title = "This is no amount in pesos."


class RowKind(StrEnum):
    """What a place in a file holds; `field` is something that the register has no place for."""

    ppa = "ppa"
    indicator = "indicator"
    special_provision = "special_provision"
    field = "field"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file."""

    kind: RowKind
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path} (line {self.line})"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not imported; `follows` when only because what it is part of is not."""

    place: Place
    reason: str
    follows: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator that can be imported with its PPA."""

    place: Place
    told: IndicatorTold


@dataclass(frozen=True, slots=True)
class PpaRow:
    """A PPA that can be imported, with its good indicators; `key` names it within the year."""

    place: Place
    key: str
    title: str
    description: str
    approved_budget_amount: Decimal | None
    indicators: tuple[IndicatorRow, ...]

    @property
    def digest(self) -> str:
        """What tells a changed row from an unchanged one: all that is kept of it."""
        kept = [
            self.title,
            self.description,
            str(self.approved_budget_amount),
            [[*row.told, *map(str, read_target(row.told.target_text))] for row in self.indicators],
        ]
        return hashlib.sha256(json.dumps(kept).encode()).hexdigest()

    @property
    def places(self) -> Iterator[Place]:
        """Its own place, then those of its indicators."""
        yield self.place
        yield from (row.place for row in self.indicators)


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """A special provision that can be imported."""

    place: Place
    key: str
    title: str
    details: str


@dataclass(frozen=True, slots=True)
class PpaFile:
    """A file that could be read: whose it says it is, its good rows, and the faults of the others.

    `named` holds the keys of all its PPAs and provisions, also of the faulty ones.
    """

    moa: str
    acronym: str
    ppas: tuple[PpaRow, ...]
    provisions: tuple[ProvisionRow, ...]
    faults: tuple[Fault, ...]
    named: frozenset[tuple[RowKind, str]]

    @property
    def told(self) -> Iterator[tuple[RowKind, str]]:
        """The keys of the good rows."""
        yield from ((RowKind.ppa, row.key) for row in self.ppas)
        yield from ((RowKind.special_provision, row.key) for row in self.provisions)

    @property
    def places(self) -> Iterator[Place]:
        """The places of the good rows."""
        for ppa in self.ppas:
            yield from ppa.places
        yield from (row.place for row in self.provisions)


def read_amount(text: str) -> Decimal | None:
    """Read "8783529.00", "8,783,529" or "P1,000.50" exactly; an empty text is no amount yet."""
    told = text.strip()
    if not told:
        return None
    found = _AMOUNT.fullmatch(told)
    if found is None:
        is_negative = told.startswith("-") and _AMOUNT.fullmatch(told[1:].strip())
        raise AmountNotValid("is negative" if is_negative else f"“{told[:40]}” is no amount")
    whole, _, decimals = found.group(1).replace(",", "").partition(".")
    if len(decimals.rstrip("0")) > 2:
        raise AmountNotValid("has more than two decimals; it is not rounded")
    if len(whole) > MOST_PESO_DIGITS:
        raise AmountNotValid("is larger than any budget can be")
    return Decimal(f"{whole}.{decimals[:2]:0<2}")
