"""The on-track rule and the weighted mean (planning sheet, sections 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

HUNDRED = Decimal(100)
ON_TRACK_RATIO = Decimal("0.80")
AT_RISK_RATIO = Decimal("0.50")
TOO_EARLY_PERCENT = Decimal(5)


class Band(StrEnum):
    """Where progress stands against the time that has passed."""

    not_started = "not_started"
    on_track = "on_track"
    at_risk = "at_risk"
    off_track = "off_track"
    completed = "completed"


def band(progress: Decimal, *, begins: date, ends: date, today: date) -> Band:
    """Compare percent done with percent of days gone: 0.80 of it is on track, 0.50 at risk."""
    if progress >= HUNDRED:
        return Band.completed
    if today < begins and progress == 0:
        return Band.not_started
    expected = elapsed_percent(begins, ends, today)
    if expected < TOO_EARLY_PERCENT or progress / expected >= ON_TRACK_RATIO:
        return Band.on_track
    return Band.at_risk if progress / expected >= AT_RISK_RATIO else Band.off_track


def elapsed_percent(begins: date, ends: date, today: date) -> Decimal:
    """Return the days gone as percent of all days, both ends counted, within 0 and 100."""
    total = (ends - begins).days + 1
    gone = (today - begins).days
    return min(max(HUNDRED * gone / total, Decimal(0)), HUNDRED)


def achieved_percent(
    baseline: Decimal | None, target: Decimal | None, current: Decimal | None
) -> Decimal:
    """Return how much of the way from baseline to target is done, 0 to 100, two decimals.

    It works for targets below the baseline too; without a reading or a distance it is 0.
    """
    start = baseline or Decimal(0)
    if target is None or current is None or target == start:
        return Decimal("0.00")
    done = (current - start) / (target - start) * HUNDRED
    return min(max(done, Decimal(0)), HUNDRED).quantize(Decimal("0.01"), ROUND_HALF_UP)


def weighted_mean(parts: Iterable[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """Return the mean of (weight, percent) pairs; no weight counts as 1, no parts give None."""
    pairs = [(Decimal(1) if weight is None else weight, percent) for weight, percent in parts]
    total = sum((weight for weight, _ in pairs), Decimal(0))
    if total == 0:
        return None
    mean = sum((weight * percent for weight, percent in pairs), Decimal(0)) / total
    return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
