"""Tokens: what a good one says, and every known way to forge one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from libs.chassis.testing import AUDIENCE, ISSUER, Issuer, claims_of, org_id_of
from libs.tenancy import tokens
from libs.tenancy.tests.issuing import Clock, Publisher, a_key
from libs.tenancy.tokens import ESSENTIAL, TokenRejected


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def rejected(issuer: Issuer, token: str) -> str:
    with pytest.raises(TokenRejected) as told:
        await issuer.verifier().verify(token)
    assert token not in str(told.value)
    return str(told.value)


async def test_a_good_token_tells_who_acts_for_which_organization(issuer: Issuer) -> None:
    claims = claims_of("MOH", permissions=["planning.*.read"], modules=["planning"])
    verifier = issuer.verifier()
    actor = await verifier.verify(issuer.token(claims))
    assert str(actor.user_id) == claims["sub"]
    assert (actor.org_id, actor.org_code) == (org_id_of("MOH"), "MOH")
    assert actor.roles == {"staff"}
    assert actor.permissions == ("planning.*.read",)
    assert actor.modules == {"planning"}
    assert actor.session_id == claims["sid"]


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
async def test_both_spellings_of_the_type_are_known(issuer: Issuer, typ: str) -> None:
    assert await issuer.verifier().verify(issuer.token(claims_of("MOH"), {"typ": typ}))


async def test_an_audience_may_be_a_list_of_one(issuer: Issuer) -> None:
    assert await issuer.verifier().verify(issuer.token(claims_of("MOH", aud=[AUDIENCE])))


async def test_an_unsigned_token_is_rejected(issuer: Issuer) -> None:
    header = {"alg": "none", "typ": "at+jwt", "kid": issuer.key.kid}
    unsigned = f"{part(header)}.{part(claims_of('MOH'))}."
    assert await rejected(issuer, unsigned) == "another algorithm"


@pytest.mark.parametrize("public", ["as_pem", "as_der", "as_json"])
async def test_a_public_key_is_no_secret(issuer: Issuer, public: str) -> None:
    known = (
        json.dumps(issuer.key.as_dict(private=False)).encode()
        if public == "as_json"
        else getattr(issuer.key, public)(private=False)
    )
    header = {"alg": "HS256", "typ": "at+jwt", "kid": issuer.key.kid}
    signed = f"{part(header)}.{part(claims_of('MOH'))}"
    code = hmac.new(known, signed.encode(), hashlib.sha256).digest()
    forged = f"{signed}.{base64.urlsafe_b64encode(code).rstrip(b'=').decode()}"
    assert await rejected(issuer, forged) == "another algorithm"


async def test_another_algorithm_is_rejected_whoever_signed(issuer: Issuer) -> None:
    key = RSAKey.generate_key(2048, {"kid": str(issuer.key.kid)})
    header = {"alg": "RS256", "typ": "at+jwt", "kid": issuer.key.kid}
    forged = jwt.encode(header, claims_of("MOH"), key, algorithms=["RS256"])
    assert await rejected(issuer, forged) == "another algorithm"


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "id+jwt", "logout+jwt", "", 1])
async def test_only_an_access_token_is_one(issuer: Issuer, typ: Any) -> None:
    header = {"alg": "ES256", "kid": issuer.key.kid, **({} if typ is None else {"typ": typ})}
    if isinstance(typ, int):
        forged = f"{part(header)}.{part(claims_of('MOH'))}.{'A' * 86}"
    else:
        forged = jwt.encode(header, claims_of("MOH"), issuer.key, algorithms=["ES256"])
    assert await rejected(issuer, forged) in ("not an access token", "not a signed token")


@pytest.mark.parametrize("trick", ["jwk", "jku", "x5u", "x5c"])
async def test_a_key_that_a_token_brings_along_is_ignored(issuer: Issuer, trick: str) -> None:
    other = a_key(str(issuer.key.kid))
    brought = {
        "jwk": other.as_dict(private=False),
        "jku": "http://evil.test/jwks",
        "x5u": "http://evil.test/cert",
        "x5c": ["AAAA"],
    }
    header = {"alg": "ES256", "typ": "at+jwt", "kid": issuer.key.kid, trick: brought[trick]}
    signed = jwt.encode(header, claims_of("MOH"), other, algorithms=["ES256"])
    assert await rejected(issuer, signed) == "the signature is not valid"


async def test_an_unknown_critical_header_is_rejected(issuer: Issuer) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": issuer.key.kid, "crit": ["b64"], "b64": False}
    forged = f"{part(header)}.{part(claims_of('MOH'))}.{'A' * 86}"
    await rejected(issuer, forged)


@pytest.mark.parametrize("kid", [None, 7, "unknown"])
async def test_a_key_must_be_named_and_published(issuer: Issuer, kid: Any) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", **({} if kid is None else {"kid": kid})}
    signed = (
        jwt.encode(header, claims_of("MOH"), issuer.key, algorithms=["ES256"])
        if (kid != 7)
        else f"{part(header)}.{part(claims_of('MOH'))}.{'A' * 86}"
    )
    told = await rejected(issuer, signed)
    assert told in (
        "no key id",
        "not a signed token",
        "the signing key is not published by the issuer",
    )


async def test_a_changed_claim_breaks_the_signature(issuer: Issuer) -> None:
    header, _, signature = issuer.token(claims_of("MOH")).split(".")
    forged = f"{header}.{part(claims_of('MOLE'))}.{signature}"
    assert await rejected(issuer, forged) == "the signature is not valid"


@pytest.mark.parametrize("claim", ESSENTIAL)
@pytest.mark.parametrize("value", ["missing", None])
async def test_every_essential_claim_is_needed(issuer: Issuer, claim: str, value: Any) -> None:
    claims = claims_of("MOH", **{claim: value})
    if value == "missing":
        del claims[claim]
    assert claim in await rejected(issuer, issuer.token(claims))


NOW = int(time.time())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "http://other.test"}, "another issuer"),
        ({"iss": f"{ISSUER}/"}, "another issuer"),
        ({"iss": [ISSUER]}, "another issuer"),
        ({"aud": "http://other.test/api"}, "another audience"),
        ({"aud": [AUDIENCE, "http://other.test/api"]}, "another audience"),
        ({"aud": []}, "another audience"),
        ({"exp": NOW - 3600}, "expired"),
        ({"exp": str(NOW + 3600)}, "expired"),
        ({"exp": True}, "expired"),
        ({"iat": NOW + 3600}, "issued in the future"),
        ({"iat": str(NOW)}, "issued in the future"),
        ({"nbf": NOW + 3600}, "not valid yet"),
        ({"nbf": "now"}, "not valid yet"),
        ({"sub": "staff@moh.example"}, "malformed claims"),
        ({"sub": 7}, "malformed claims"),
        ({"org": "MOH"}, "malformed claims"),
        ({"org_roles": "staff"}, "malformed claims"),
        ({"permissions": [["*.*.*"]]}, "malformed claims"),
        ({"permissions": "*.*.*"}, "malformed claims"),
        ({"modules": {"planning": True}}, "malformed claims"),
        ({"stands_in": ["budgeting.proposal.approve"]}, "malformed claims"),
        ({"stands_in": ["budgeting.proposal.approve somebody staff"]}, "malformed claims"),
    ],
)
async def test_a_wrong_claim_is_rejected(
    issuer: Issuer, changes: dict[str, Any], reason: str
) -> None:
    claims = {**claims_of("MOH"), **changes}
    assert await rejected(issuer, issuer.token(claims)) == reason


async def test_a_token_says_for_whom_somebody_stands_in(issuer: Issuer) -> None:
    away = uuid4()
    told = claims_of("MOH", stands_in=[f"lending.book.approve {away} head,clerk"])
    actor = await issuer.verifier().verify(issuer.token(told))
    assert actor.stands_in_for("lending.book.approve") == away
    assert actor.stands_in_for("lending.book.read") is None
    assert actor.roles_for("lending.book.approve") == {"head", "clerk"}
    assert actor.roles_for("lending.book.read") == {"staff"}


async def test_a_token_without_permissions_allows_nothing(issuer: Issuer) -> None:
    claims = claims_of("MOH")
    del claims["permissions"], claims["modules"]
    actor = await issuer.verifier().verify(issuer.token(claims))
    assert (actor.permissions, actor.modules) == ((), frozenset())


async def test_clocks_may_differ_by_half_a_minute(issuer: Issuer, clock: Clock) -> None:
    now = int(clock.now)
    claims = claims_of("MOH", iat=now + 30, exp=now - 30, nbf=now + 30)
    assert await issuer.verifier().verify(issuer.token(claims))
    clock.now += 1
    assert await rejected(issuer, issuer.token(claims)) == "expired"


async def test_a_known_token_is_not_verified_twice(clock: Clock) -> None:
    key = a_key("one")
    verifier = Publisher(key).verifier()
    claims = claims_of("MOH", iat=int(clock.now), exp=int(clock.now) + 300)
    token = Issuer(key).token(claims)
    actor = await verifier.verify(token)
    assert await verifier.verify(token) is actor


async def test_a_known_token_expires_all_the_same(clock: Clock) -> None:
    key = a_key("one")
    verifier = Publisher(key).verifier()
    claims = claims_of("MOH", iat=int(clock.now), exp=int(clock.now) + 300)
    token = Issuer(key).token(claims)
    await verifier.verify(token)
    clock.now += 331
    with pytest.raises(TokenRejected, match="expired"):
        await verifier.verify(token)


async def test_only_so_many_tokens_are_remembered(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_REMEMBERED", 2)
    verifier = issuer.verifier()
    for _ in range(5):
        await verifier.verify(issuer.token(claims_of("MOH")))
        assert len(verifier._verified) <= 2


GARBAGE = ["", ".", "..", "a.b.c", "é.é.é", "\x00", "eyJ.eyJ.sig", "A" * 10_000, "Bearer x"]


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_no_token(issuer: Issuer, garbage: str) -> None:
    await rejected_quietly(issuer, garbage)


async def rejected_quietly(issuer: Issuer, token: str) -> None:
    with pytest.raises(TokenRejected):
        await issuer.verifier().verify(token)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_rejected_and_nothing_else_happens(text: str) -> None:
    asyncio.run(rejected_quietly(Issuer(KEY), text))
    asyncio.run(rejected_quietly(Issuer(KEY), f"{part({'alg': 'ES256'})}.{text}.{text}"))


KEY = a_key("fixed")


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_any_header_is_rejected_and_nothing_else_happens(header: dict[str, Any]) -> None:
    told = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, **header}
    asyncio.run(rejected_quietly(Issuer(KEY), f"{part(told)}.{part({})}.AAAA"))
