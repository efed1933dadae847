"""Denials: whose token is refused, until when, and when nobody can be sure any more."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from libs.chassis.testing import Issuer, claims_of, org_id_of
from libs.tenancy import denials
from libs.tenancy.actor import Actor
from libs.tenancy.denials import DENIALS, Denial, DenySet
from libs.tenancy.tests.issuing import Clock, Publisher, a_key
from libs.tenancy.tokens import TokenRejected

AMINA, BASIT = uuid4(), uuid4()
MOH, MOLE = org_id_of("MOH"), org_id_of("MOLE")
HERS, HIS = uuid4(), uuid4()
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def token_of(user: UUID, org: UUID, session: UUID | str, issued: datetime) -> Actor:
    return Actor(user, org, "", session_id=str(session), issued_at=issued.timestamp())


def denial(**whose: UUID) -> Denial:
    return Denial(issued_before=NOON, expires_at=NOON + timedelta(minutes=10), **whose)


BEFORE, AFTER = NOON - timedelta(seconds=1), NOON


@pytest.mark.parametrize(
    ("whose", "hers", "hers_elsewhere", "his"),
    [
        ({"session_id": HERS}, True, True, False),
        ({"user_id": AMINA}, True, True, False),
        ({"user_id": AMINA, "org_id": MOH}, True, False, False),
        ({"org_id": MOH}, True, False, True),
    ],
)
def test_a_denial_meets_what_it_names(
    whose: dict[str, UUID], *, hers: bool, hers_elsewhere: bool, his: bool
) -> None:
    denied = DenySet()
    denied.deny(denial(**whose))
    assert denied.refuses(token_of(AMINA, MOH, HERS, BEFORE)) is hers
    assert denied.refuses(token_of(AMINA, MOLE, HERS, BEFORE)) is hers_elsewhere
    assert denied.refuses(token_of(BASIT, MOH, HIS, BEFORE)) is his
    assert not denied.refuses(token_of(AMINA, MOH, HERS, AFTER))


def test_nothing_is_refused_while_nothing_is_denied() -> None:
    assert not DenySet().refuses(token_of(AMINA, MOH, HERS, BEFORE))


def test_of_two_denials_of_the_same_the_later_counts() -> None:
    denied = DenySet()
    for seconds in (60, 0, 30):
        denied.deny(
            Denial(
                issued_before=NOON + timedelta(seconds=seconds),
                expires_at=NOON + timedelta(hours=1),
                user_id=AMINA,
            )
        )
    assert len(denied) == 1
    assert denied.refuses(token_of(AMINA, MOH, HERS, NOON + timedelta(seconds=59)))
    assert not denied.refuses(token_of(AMINA, MOH, HERS, NOON + timedelta(seconds=60)))


def test_a_session_of_another_form_is_denied_by_its_person_alone() -> None:
    denied = DenySet()
    denied.deny(denial(session_id=HERS))
    assert not denied.refuses(token_of(AMINA, MOH, "program", BEFORE))
    denied.deny(denial(user_id=AMINA))
    assert denied.refuses(token_of(AMINA, MOH, "program", BEFORE))


def test_what_is_over_is_forgotten_when_there_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(denials, "TIDY_ABOVE", 3)
    denied = DenySet()
    for _ in range(3):
        denied.deny(denial(user_id=uuid4()))
    fresh = datetime.now(UTC) + timedelta(hours=1)
    denied.deny(Denial(issued_before=NOON, expires_at=fresh, user_id=AMINA))
    assert len(denied) == 1
    assert denied.refuses(token_of(AMINA, MOH, HERS, BEFORE))


def test_it_is_silent_before_the_first_word_and_half_a_minute_after_the_last(clock: Clock) -> None:
    denied = DenySet()
    assert denied.is_silent
    assert math.isinf(denied.age)
    denied.hear()
    clock.now += 30
    assert (denied.age, denied.is_silent) == (30, False)
    clock.now += 0.1
    assert denied.is_silent
    denied.hear()
    assert not denied.is_silent


def test_who_decides_is_never_silent(clock: Clock) -> None:
    denied = DenySet.complete()
    clock.now += 1e9
    assert not denied.is_silent


async def test_a_remembered_token_is_refused_all_the_same(clock: Clock) -> None:
    key = a_key("one")
    verifier = Publisher(key).verifier()
    claims = claims_of("MOH", iat=int(clock.now), exp=int(clock.now) + 300)
    token = Issuer(key).token(claims)
    actor = await verifier.verify(token)
    verifier.denied.deny(
        Denial(
            issued_before=datetime.fromtimestamp(clock.now + 1, UTC),
            expires_at=datetime.fromtimestamp(clock.now + 600, UTC),
            user_id=actor.user_id,
            org_id=actor.org_id,
        )
    )
    for again in (token, Issuer(key).token({**claims, "jti": "another"})):
        with pytest.raises(TokenRejected, match="revoked"):
            await verifier.verify(again)
    assert await verifier.verify(Issuer(key).token({**claims, "iat": int(clock.now) + 1}))


@pytest.mark.parametrize(
    "told", [[{}], [{"issued_before": "noon", "expires_at": "later"}], {}, None, "x"]
)
def test_what_is_no_denial_is_not_read_as_one(told: Any) -> None:
    with pytest.raises(ValidationError):
        DENIALS.validate_python(told)
