"""A token that is bound to a key wants its proof, at every request (RFC 9449, 7)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from libs.chassis.testing import ISSUER, Issuer, Person, claims_of

PATH = "/api/v1/lending/whoami"
KEY = ECKey.generate_key("P-256")
CHALLENGE = 'DPoP error="{}", algs="ES256"'


def a_token(issuer: Issuer, **changes: Any) -> str:
    return issuer.token(claims_of("MOH", **{"cnf": {"jkt": KEY.thumbprint()}, **changes}))


def a_proof(token: str, key: ECKey = KEY, **changes: Any) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    claims = {
        "jti": secrets.token_hex(8),
        "htm": "GET",
        "htu": f"{ISSUER}{PATH}",
        "iat": int(time.time()),
        "ath": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        **changes,
    }
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key, algorithms=["ES256"])


async def ask(
    person: Callable[..., Person], scheme: str, token: str, *proofs: str
) -> httpx.Response:
    sent = [("Authorization", f"{scheme} {token}"), *(("DPoP", proof) for proof in proofs)]
    client = person()
    del client.headers["Authorization"]
    return await client.get(PATH, headers=sent)


async def test_its_holder_comes_in_with_a_proof(
    person: Callable[..., Person], issuer: Issuer
) -> None:
    token = a_token(issuer)
    for scheme in ("DPoP", "dpop"):
        answer = await ask(person, scheme, token, a_proof(token))
        assert answer.json() == {"org_code": "MOH"}


async def test_it_is_no_bearer_token(person: Callable[..., Person], issuer: Issuer) -> None:
    token = a_token(issuer)
    for proofs in ([], [a_proof(token)]):
        answer = await ask(person, "Bearer", token, *proofs)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == CHALLENGE.format("invalid_token")


async def test_a_bearer_token_is_not_made_better_by_a_proof(
    person: Callable[..., Person], issuer: Issuer
) -> None:
    token = issuer.token(claims_of("MOH"))
    answer = await ask(person, "DPoP", token, a_proof(token))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == CHALLENGE.format("invalid_token")
    bad = await ask(person, "DPoP", "nonsense", a_proof("nonsense"))
    assert bad.headers["www-authenticate"] == CHALLENGE.format("invalid_token")


async def test_there_is_one_proof_by_the_right_key_and_it_is_good_once(
    person: Callable[..., Person], issuer: Issuer
) -> None:
    token = a_token(issuer)
    other = ECKey.generate_key("P-256")
    good = a_proof(token)
    for proofs in (
        [],
        [good, a_proof(token)],
        [a_proof(token, other)],
        [a_proof(token, htu=f"{ISSUER}/elsewhere")],
    ):
        answer = await ask(person, "DPoP", token, *proofs)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == CHALLENGE.format("invalid_dpop_proof")
    assert (await ask(person, "DPoP", token, good)).status_code == 200
    assert (await ask(person, "DPoP", token, good)).status_code == 401


async def test_a_binding_that_cannot_be_checked_is_no_token(
    person: Callable[..., Person], issuer: Issuer
) -> None:
    for binding in ("key", {}, {"x5t#S256": "certificate"}, {"jkt": "a", "x5t#S256": "b"}):
        token = a_token(issuer, cnf=binding)
        for scheme in ("Bearer", "DPoP"):
            assert (await ask(person, scheme, token, a_proof(token))).status_code == 401
