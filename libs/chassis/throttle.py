"""How much one account may ask in an hour, counted where it is answered.

Each process counts for itself, and only accounts whose token was found good: a request costs no
statement, and nobody uses up what is another's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from libs.refusals import Refusal
from libs.tenancy.actor import Actor

HOUR = 3600.0
ADMINISTRATORS = 5
"""How many times as much an administrator may ask (identity sheet, section 9: 1,000 and 5,000)."""
EXPORTS = 100
"""One export counts as so many requests: ten an hour of a thousand."""


class TooManyRequests(Refusal):
    """The account has asked as much as it may within an hour: 429."""

    status = 429
    title = "This account has asked too much within an hour."

    def __init__(self, most: int, what: str, seconds: int) -> None:
        """Name the limit that was reached, and how long to wait from now."""
        super().__init__(f"The limit is {most} {what} an hour. Try again in {seconds} seconds.")
        self.headers = {"Retry-After": str(seconds)}


class Throttle:
    """The requests of each account in this hour and in the one before.

    That one counts less by the minute, so that no limit is used twice around the full hour.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Take how many requests an hour an account has; none are counted when it is 0."""
        self._most, self._clock = most, clock
        self._hour = 0
        self._now: dict[tuple[str, str], int] = {}
        self._before: dict[tuple[str, str], int] = {}

    def count(self, actor: Actor) -> None:
        """Count one request of an account; raises TooManyRequests beyond its limit."""
        is_administrator = any(role.endswith(("admin", "administrator")) for role in actor.roles)
        self._count(actor, "requests", self._most * (ADMINISTRATORS if is_administrator else 1))

    def count_export(self, actor: Actor) -> None:
        """Count what takes many records away at once."""
        self._count(actor, "exports", max(1, self._most // EXPORTS))

    def _count(self, actor: Actor, what: str, most: int) -> None:
        if self._most == 0:
            return
        hour, passed = divmod(self._clock(), HOUR)
        if hour != self._hour:
            self._before = self._now if hour == self._hour + 1 else {}
            self._now, self._hour = {}, int(hour)
        who = (str(actor.user_id), what)
        now, before = self._now.get(who, 0), self._before.get(who, 0)
        if now + before * (1 - passed / HOUR) >= most:
            # Until enough of the hour before has faded, or of this one within the next.
            ends = 1 - (most - now) / before if now < most else 1 + (1 - most / now)
            # A second begun counts whole; the millionth is for what floats leave out.
            raise TooManyRequests(most, what, math.floor(ends * HOUR - passed + 1e-6) + 1)
        self._now[who] = now + 1
