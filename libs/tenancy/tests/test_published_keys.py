"""The issuer's published keys: kept, asked for again, and never asked for too often."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from libs.tenancy.tests.issuing import Clock, Publisher, a_key
from libs.tenancy.tokens import KeysOutOfReach, PublishedKeys


async def test_keys_are_fetched_once_and_kept(clock: Clock) -> None:
    published = Publisher(a_key("one"))
    source = published.source()
    for _ in range(3):
        assert await source.find("one") is not None
    clock.now += 299
    assert await source.find("one") is not None
    assert published.asked == 1


async def test_keys_are_fetched_again_when_they_are_old(clock: Clock) -> None:
    published = Publisher(a_key("one"))
    source = published.source()
    await source.find("one")
    clock.now += 301
    published.keys = [a_key("two")]
    assert await source.find("one") is None, "a key that was withdrawn is no key"
    assert published.asked == 2


async def test_an_unknown_key_asks_again_at_most_every_thirty_seconds(clock: Clock) -> None:
    published = Publisher(a_key("one"))
    source = published.source()
    await source.find("one")
    clock.now += 31
    for number in range(50):
        assert await source.find(f"invented-{number}") is None
    assert published.asked == 2
    clock.now += 31
    published.keys.append(a_key("two"))
    assert await source.find("two") is not None
    assert published.asked == 3


async def test_keys_stay_usable_while_the_issuer_is_away(clock: Clock) -> None:
    published = Publisher(a_key("one"))
    source = published.source()
    await source.find("one")
    published.answer = lambda: httpx.Response(503)
    clock.now += 3600
    assert await source.find("one") is not None
    clock.now += 1
    with pytest.raises(KeysOutOfReach):
        await source.find("one")
    published.answer = published.publish
    clock.now += 31
    assert await source.find("one") is not None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="not json"),
        httpx.Response(200, json={}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"keys": [{"kty": "EC"}]}),
        httpx.Response(200, json={"keys": 7}),
        httpx.Response(404, json={"keys": []}),
    ],
)
async def test_a_broken_key_set_is_no_key_set(clock: Clock, answer: httpx.Response) -> None:
    published = Publisher(a_key("one"))
    published.answer = lambda: answer
    with pytest.raises(KeysOutOfReach):
        await published.source().find("one")


async def test_an_issuer_that_cannot_be_reached_is_asked_again_after_a_second(
    clock: Clock,
) -> None:
    published = Publisher(a_key("one"))

    def gone() -> httpx.Response:
        raise httpx.ConnectError("refused")

    published.answer = gone
    source = published.source()
    for _ in range(2):
        with pytest.raises(KeysOutOfReach):
            await source.find("one")
    assert published.asked == 1
    published.answer = published.publish
    clock.now += 1
    assert await source.find("one") is not None


async def test_many_at_once_ask_once(clock: Clock) -> None:
    published = Publisher(a_key("one"))
    source = published.source()
    found = await asyncio.gather(*(source.find("one") for _ in range(20)))
    assert all(keys is not None for keys in found)
    assert published.asked == 1


def test_the_address_is_pinned_and_fetched_by_a_client_of_its_own() -> None:
    assert PublishedKeys("http://issuer.test/jwks")._client.timeout.connect == 5.0
