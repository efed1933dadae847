"""What one account may ask in an hour, and that no other account feels it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi import FastAPI

from libs.chassis.access import requires
from libs.chassis.testing import Person
from libs.chassis.throttle import Throttle, TooManyRequests
from libs.tenancy.actor import Actor
from libs.tests.lending_http import BOOKS

ORG = UUID(int=1)
MINUTE = 60.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 10 * 3600.0

    def __call__(self) -> float:
        return self.now


def an_account(number: int, *roles: str) -> Actor:
    return Actor(UUID(int=number), ORG, "MOH", roles=frozenset(roles))


def allowed(throttle: Throttle, actor: Actor, tries: int) -> int:
    """Ask as often as that; return how often it was answered before the first no."""
    for nth in range(tries):
        try:
            throttle.count(actor)
        except TooManyRequests:
            return nth
    return tries


def test_an_account_asks_so_much_and_leaves_the_others_theirs() -> None:
    throttle = Throttle(10, Clock())
    assert allowed(throttle, an_account(1, "staff"), 20) == 10
    assert allowed(throttle, an_account(2, "staff"), 20) == 10
    assert allowed(throttle, an_account(3, "admin"), 100) == 50
    assert allowed(throttle, an_account(4, "platform_administrator"), 100) == 50
    assert allowed(Throttle(0), an_account(1), 5000) == 5000


@pytest.mark.parametrize("minute", [0, 20, 59])
def test_whoever_waits_as_told_is_answered_and_not_before(minute: int) -> None:
    clock = Clock()
    throttle, amina = Throttle(10, clock), an_account(1, "staff")
    clock.now += minute * MINUTE
    assert allowed(throttle, amina, 20) == 10
    for _ in range(15):
        with pytest.raises(TooManyRequests) as refusal:
            throttle.count(amina)
        wait = int(refusal.value.headers["Retry-After"])
        assert 0 < wait <= 3601
        clock.now += wait - 1.001
        with pytest.raises(TooManyRequests):
            throttle.count(amina)
        clock.now += 1.001
        throttle.count(amina)


def test_no_limit_is_used_twice_around_the_full_hour() -> None:
    clock = Clock()
    throttle, amina = Throttle(100, clock), an_account(1)
    clock.now += 59 * MINUTE
    assert allowed(throttle, amina, 200) == 100
    clock.now += 2 * MINUTE
    assert allowed(throttle, amina, 200) <= 2
    clock.now += 180 * MINUTE
    assert allowed(throttle, amina, 200) == 100


def test_exports_are_counted_apart() -> None:
    throttle, amina = Throttle(1000, Clock()), an_account(1, "staff")
    for _ in range(10):
        throttle.count_export(amina)
    with pytest.raises(TooManyRequests, match="limit is 10 exports an hour"):
        throttle.count_export(amina)
    throttle.count(amina)


async def test_the_answer_names_the_limit_and_the_wait(
    app: FastAPI, person: Callable[..., Person]
) -> None:
    @app.get("/api/v1/lending/everything", dependencies=[requires("lending.book.export")])
    async def take_everything() -> None: ...

    app.state.throttle = Throttle(3, Clock())
    amina = person("MOH")
    for _ in range(5):
        assert (await amina.get(BOOKS.format("MOH"), headers={"Authorization": "no"})).is_error
    assert (await amina.get("/api/v1/lending/everything")).status_code == 200
    exports = await amina.get("/api/v1/lending/everything")
    assert (exports.status_code, exports.json()["code"]) == (429, "too_many_requests")
    assert (await amina.get(BOOKS.format("MOH"))).status_code == 200
    refused = await amina.get(BOOKS.format("MOH"))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "3601"
    assert "The limit is 3 requests an hour" in refused.json()["detail"]
    assert (await person("MOH").get(BOOKS.format("MOH"))).status_code == 200
