"""A clock that a test moves, and an issuer that counts who asks for its keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from joserfc.jwk import ECKey, KeySet

from libs.chassis.testing import AUDIENCE, ISSUER
from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenVerifier


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


class Publisher:
    """The issuer's key set at its address, counting who asks."""

    def __init__(self, *keys: ECKey) -> None:
        self.keys: list[Any] = list(keys)
        self.asked = 0
        self.answer: Callable[[], httpx.Response] = self.publish

    def publish(self) -> httpx.Response:
        return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))

    def source(self) -> PublishedKeys:
        async def handle(request: httpx.Request) -> httpx.Response:
            assert str(request.url) == f"{ISSUER}/jwks"
            self.asked += 1
            await asyncio.sleep(0)
            return self.answer()

        client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
        return PublishedKeys(f"{ISSUER}/jwks", client=client)

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(
            issuer=ISSUER, audience=AUDIENCE, keys=self.source(), denied=DenySet.complete()
        )


def a_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "alg": "ES256"})
