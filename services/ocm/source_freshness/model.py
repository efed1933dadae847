"""How fresh a source is (ocm sheet, section 2, Freshness)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

STALE_AFTER = timedelta(minutes=30)


class Freshness(StrEnum):
    """Whether what a source told is recent; `unknown` when it was never confirmed."""

    fresh = "fresh"
    stale = "stale"
    unknown = "unknown"


def freshness(confirmed_at: datetime | None, now: datetime) -> Freshness:
    """Return the state of a source whose log was last known to be whole at an instant."""
    if confirmed_at is None:
        return Freshness.unknown
    return Freshness.stale if now - confirmed_at > STALE_AFTER else Freshness.fresh
