"""The natural key of a row that has only its title: normalised, numbered when it repeats."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

LONGEST_KEY = 200
"""So that a key fits an index; titles that agree so far are numbered like equal ones."""

_SIGNS = re.compile(r"[\W_]+")


def title_key(title: str) -> str:
    """Return a title without case, signs and width: what its spellings have in common."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    return (_SIGNS.sub(" ", plain).strip() or " ".join(plain.split()))[:LONGEST_KEY]


def title_keys(titles: Iterable[str]) -> list[str]:
    """Return the keys of titles in their order; the second of the same title is `title #2`."""
    seen: Counter[str] = Counter()
    keys = []
    for title in titles:
        key = title_key(title)
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key} #{seen[key]}")
    return keys
