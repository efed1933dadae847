"""How long one has to wait after failing to sign in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.sign_in_attempts.model import (
    SignInAttempts,
    TooManyAttempts,
    network_of,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def an_attempt() -> SignInAttempts:
    return SignInAttempts(
        account_digest="a",
        network="n",
        failures=0,
        counted_since=NOON,
        blocked_until=NOON,
        recent=[],
    )


def test_waits_are_2_4_8_seconds_and_at_most_15_minutes() -> None:
    attempts, at, waits = an_attempt(), NOON, []
    for _ in range(20):
        attempts.begin(at)
        waits.append((attempts.blocked_until - at).total_seconds())
        at = max(at, attempts.blocked_until)
    assert waits[:5] == [0, 0, 0, 0, 0]
    assert waits[5:9] == [2, 4, 8, 16]
    assert max(waits) == waits[-1] == 900


def test_an_hour_of_quiet_forgets() -> None:
    attempts = an_attempt()
    for _ in range(6):
        attempts.begin(NOON)
    attempts.begin(NOON + timedelta(hours=2))
    assert attempts.failures == 1


def test_a_network_may_fail_a_hundred_times_an_hour() -> None:
    everyone = an_attempt()
    for _ in range(100):
        everyone.fail(NOON)
    with pytest.raises(TooManyAttempts) as refusal:
        everyone.check_network(NOON + timedelta(minutes=59))
    assert refusal.value.headers == {"Retry-After": "60"}
    everyone.check_network(NOON + timedelta(minutes=61))


def test_ten_failures_in_any_hour_are_told_once_an_hour() -> None:
    attempts = an_attempt()

    def told(*minutes: int) -> list[int]:
        return [each for each in minutes if attempts.is_telling(NOON + timedelta(minutes=each))]

    assert told(0, *range(50, 58), 61, 62) == [62]  # two hours by the clock, one that slides
    assert told(*range(63, 80), 121) == []
    assert told(122, *range(200, 208)) == [122]
    assert told(208, 209) == [209]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("", "unknown"),
    ],
)
def test_a_network_is_a_24_or_a_56(address: str, network: str) -> None:
    assert network_of(address) == network
