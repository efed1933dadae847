"""Denials: whose tokens are refused although their signature is good, held in memory.

Identity tells every process what was taken away (ADR 0012). While it is not heard, nobody knows
what else was: `is_silent` says so, and whoever serves requests refuses to write.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable
from dataclasses import dataclass
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter

from libs.tenancy.actor import Actor

SILENT_AFTER_SECONDS = 30.0
TIDY_ABOVE = 1024


@dataclass(frozen=True, slots=True)
class Denial:
    """Tokens issued before an instant to a session, a person, a member or an organization."""

    issued_before: AwareDatetime
    expires_at: AwareDatetime
    session_id: UUID | None = None
    user_id: UUID | None = None
    org_id: UUID | None = None


DENIALS = TypeAdapter(list[Denial])
"""Reads denials as they travel: unknown fields are no matter, a wrong one is ValueError."""


class DenySet:
    """What one process knows of tokens that count no more, and how fresh that knowledge is."""

    def __init__(self, *, silent_after: float = SILENT_AFTER_SECONDS) -> None:
        """Know nothing yet; `silent_after` seconds without a word is silence."""
        self._silent_after = silent_after
        self._denied: dict[Hashable, tuple[float, float]] = {}
        self._heard_at = -math.inf

    @classmethod
    def complete(cls) -> DenySet:
        """Return the deny set of the one who decides what is denied: it is never silent."""
        denied = cls(silent_after=math.inf)
        denied.hear()
        return denied

    def deny(self, denial: Denial) -> None:
        """Refuse what a denial names; of two about the same the later one counts."""
        key = (denial.session_id, denial.user_id, denial.org_id)
        now = (denial.issued_before.timestamp(), denial.expires_at.timestamp())
        self._denied[key] = max(now, self._denied.get(key, now))
        if len(self._denied) > TIDY_ABOVE:
            self._tidy()

    def refuses(self, actor: Actor) -> bool:
        """Tell whether the token behind this actor was taken away after it was issued."""
        if not self._denied:
            return False
        issued_at, person, org = actor.issued_at, actor.user_id, actor.org_id
        return any(
            issued_at < self._denied.get(key, _NEVER)[0]
            for key in (
                (_uuid(actor.session_id), None, None),
                (None, person, None),
                (None, person, org),
                (None, None, org),
            )
        )

    def hear(self) -> None:
        """Note that identity was heard just now, and that nothing was missed until then."""
        self._heard_at = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since identity was heard; infinite before the first time."""
        return time.monotonic() - self._heard_at

    @property
    def is_silent(self) -> bool:
        """Tell whether it is too long ago to be sure of what is denied."""
        return self.age > self._silent_after

    def __len__(self) -> int:
        """Count what is denied."""
        return len(self._denied)

    def _tidy(self) -> None:
        """Forget what every token has outlived by its own expiry."""
        now = time.time()
        self._denied = {key: until for key, until in self._denied.items() if until[1] > now}


_NEVER = (-math.inf, -math.inf)


def _uuid(text: str) -> UUID:
    """Return a session's id as denials name it; a `sid` of another form is never denied by id."""
    try:
        return UUID(text)
    except ValueError:
        return _NO_SESSION


_NO_SESSION = UUID(int=0)
