"""Counts of failed sign-ins, and how long to wait after them (SECURITY ruling "throttle")."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import ARRAY, DateTime, String, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Refusal
from services.identity.db import Base

FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
FAILURES_PER_NETWORK = 100
ANY_ACCOUNT = "*"
ANY_NETWORK = "*"
FAILURES_TO_TELL = 10
"""So many of one account within the hour, from wherever, and its owner hears of it."""


class TooManyAttempts(Refusal):
    """The wait after repeated failures is not over: 429."""

    status = 429
    title = "Too many failed attempts; wait a little."

    def __init__(self, wait: timedelta) -> None:
        """Take how long to wait from now; the answer says it in Retry-After."""
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(f"Try again in {self.seconds} seconds.")
        self.headers = {"Retry-After": str(self.seconds)}


class SignInAttempts(Base):
    """Failures of one account from one network; the account is kept as a digest only."""

    __tablename__ = "sign_in_attempts"

    account_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    network: Mapped[str] = mapped_column(String(50), primary_key=True)
    failures: Mapped[int]
    counted_since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    blocked_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recent: Mapped[list[datetime]] = mapped_column(
        ARRAY(DateTime(timezone=True)), default=list, server_default=text("'{}'")
    )

    def begin(self, at: datetime) -> None:
        """Count an attempt as failed before it is tried, so that many at once are all counted."""
        if self.blocked_until > at:
            raise TooManyAttempts(self.blocked_until - at)
        self.fail(at)
        beyond = self.failures - FREE_FAILURES
        if beyond > 0:
            wait = timedelta(seconds=2 ** min(beyond, 10))
            self.blocked_until = at + min(wait, LONGEST_WAIT)

    def fail(self, at: datetime) -> None:
        """Count one failure; an hour after the first, or after the wait, all are forgotten."""
        if at - max(self.counted_since, self.blocked_until) >= FORGOTTEN_AFTER:
            self.failures = 0
            self.counted_since = at
        self.failures += 1

    def is_telling(self, at: datetime) -> bool:
        """Count one failure; tell whether so many fell into one hour, whenever it began.

        People hear of it once in an hour: `blocked_until` is when they may hear again.
        """
        within = [each for each in self.recent if at - each < FORGOTTEN_AFTER]
        self.recent = [*within, at][-FAILURES_TO_TELL:]
        self.failures, self.counted_since = len(self.recent), at
        if self.failures < FAILURES_TO_TELL or self.blocked_until > at:
            return False
        self.blocked_until = at + FORGOTTEN_AFTER
        return True

    def check_network(self, at: datetime) -> None:
        """Refuse a network from which too much has failed within the hour, whatever the account."""
        ends = self.counted_since + FORGOTTEN_AFTER
        if self.failures >= FAILURES_PER_NETWORK and ends > at:
            raise TooManyAttempts(ends - at)


def account_digest(email: str) -> str:
    """Return what stands for an account here: people type passwords into the wrong field."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def network_of(address: str) -> str:
    """Return the /24 or /56 of an address; what is no address shares one bucket."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    length = 24 if parsed.version == 4 else 56
    return str(ip_network((parsed, length), strict=False))
