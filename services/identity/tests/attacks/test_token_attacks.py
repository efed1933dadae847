"""Attacks on tokens, each named after the clause that wants it refused.

ASVS is OWASP's Application Security Verification Standard 5.0; the others are RFCs.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import select

from libs.tenancy.denials import DenySet
from libs.tenancy.tokens import PublishedKeys, TokenRejected, TokenVerifier
from services.identity.audit_events.model import AuditEvent
from services.identity.authorizations.usecases import end_authorizations
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.factories import OPERATOR
from services.identity.tests.program import (
    AMINA,
    ANALYST,
    ASSERTION_TYPE,
    House,
    Program,
    a_house,
    a_key,
    ath,
    came_back,
    payload,
    signed,
)
from services.identity.users.queries import find_user_by_email

house = pytest.fixture(a_house, scope="module")


@pytest.fixture(scope="module")
async def program(house: House) -> Program:
    return await house.program()


@pytest.fixture(scope="module")
async def browser(house: House) -> AsyncIterator[Browser]:
    async with house.browser() as browser:
        assert (await browser.sign_in(AMINA)).status_code == 303
        yield browser


def error(answer: httpx.Response) -> str:
    assert answer.status_code in (400, 401), answer.text
    assert "access_token" not in answer.text
    told: str = answer.json()["error"]
    return told


def part(value: Any) -> str:
    raw = json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


# RFC 9700: refresh tokens


async def test_rfc9700_4_14_2_a_replayed_refresh_token_ends_its_family(
    house: House, program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    again = (await program.refresh(given["refresh_token"])).json()
    assert error(await program.refresh(given["refresh_token"])) == "invalid_grant"
    assert error(await program.refresh(again["refresh_token"])) == "invalid_grant"
    told = await program.post("/oauth2/introspect", token=again["access_token"])
    assert told.json() == {"active": False}
    async with house.database.unit_of_work(OPERATOR) as uow:
        moh = await find_organization_by_code(uow.session, "MOH")
        assert moh is not None
        async with acting_within(uow, moh):
            acts = await uow.session.scalars(select(AuditEvent.action))
            assert "authorization.revoked" in acts.all()


async def test_rfc9700_4_14_2_of_many_at_once_with_one_refresh_token_one_at_most_wins(
    program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    answers = await asyncio.gather(*(program.refresh(given["refresh_token"]) for _ in range(6)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    for answer in won:
        assert error(await program.refresh(answer.json()["refresh_token"])) == "invalid_grant"


async def test_rfc9700_2_2_2_a_stolen_refresh_token_is_worthless_and_cannot_be_spoilt(
    house: House, browser: Browser
) -> None:
    native = await house.program(token_endpoint_auth_method="none", requires_pushed_requests=False)
    given = await native.tokens(browser)
    thief = Program(house.app, native.client_id, proof_key=a_key())
    for _ in range(2):
        assert error(await thief.refresh(given["refresh_token"])) == "invalid_grant"
    thief.proof_key = None
    assert error(await thief.refresh(given["refresh_token"])) == "invalid_dpop_proof"
    assert (await native.refresh(given["refresh_token"])).status_code == 200


async def test_asvs_10_4_8_refreshing_does_not_outlive_the_absolute_end(
    house: House, program: Program, browser: Browser
) -> None:
    from services.identity.tests.test_signing_keys import administer

    given = await program.tokens(browser)
    family = payload(given["access_token"])["grant_id"]
    soon = f"UPDATE authorizations SET expires_at = now() + interval '20 seconds' WHERE id = '{family}'"  # noqa: E501
    await administer(house.admin, soon)
    again = (await program.refresh(given["refresh_token"])).json()
    assert again["expires_in"] <= 20
    over = soon.replace("+ interval '20", "- interval '1")
    await administer(house.admin, over)
    assert error(await program.refresh(again["refresh_token"])) == "invalid_grant"


# ASVS V10: tokens of other clients and organizations


async def test_asvs_10_4_7_a_client_uses_no_other_clients_code_token_or_device(
    house: House, program: Program, browser: Browser
) -> None:
    other = await house.program()
    code = await program.code(browser)
    assert error(await other.exchange(code)) == "invalid_grant"
    given = (await program.exchange(code)).json()
    assert error(await other.refresh(given["refresh_token"])) == "invalid_grant"
    assert error(await other.trade(given["access_token"], "MOLE")) == "invalid_grant"
    assert error(await other.post("/oauth2/revoke", token=given["refresh_token"]))
    begun = await program.post("/oauth2/device_authorization")
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    asked = {"grant_type": grant, "device_code": begun.json()["device_code"]}
    assert error(await other.post("/oauth2/token", **asked)) == "invalid_grant"
    assert (await program.refresh(given["refresh_token"])).status_code == 200


async def test_asvs_8_4_1_a_token_of_one_organization_opens_nothing_of_another(
    program: Program, browser: Browser
) -> None:
    token = (await program.tokens(browser))["access_token"]
    for code, status in (("MOH", 200), ("MOLE", 403), ("MAFAR", 403), ("NOSUCH", 403)):
        path = f"/api/v1/moa/{code}/identity/members"
        proof = program.proof(path, method="GET", ath=ath(token))
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        async with program.alone() as connection:
            assert (await connection.get(path, headers=headers)).status_code == status, code


async def test_rfc8693_5_an_exchange_takes_nothing_but_ones_own_access_token(
    program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    for subject in (given["id_token"], given["refresh_token"], "nonsense", "a.b.c"):
        assert error(await program.trade(subject, "MOLE")) == "invalid_grant"
    bound = await program.trade(given["access_token"], "MOLE", headers=program_proof(program))
    assert error(bound) == "invalid_grant"
    wide = await program.trade(given["access_token"], "MOLE", scope="openid email phone")
    assert error(wide) == "invalid_scope"
    again = await program.trade(given["access_token"], "MOLE")
    await program.post("/oauth2/revoke", token=given["refresh_token"])
    assert error(await program.trade(given["access_token"], "MOLE")) == "invalid_grant"
    assert again.status_code == 200


def program_proof(program: Program) -> dict[str, str]:
    """Return a good proof by somebody else's key."""
    right, program.proof_key = program.proof_key, a_key()
    proof = program.proof("/oauth2/token")
    program.proof_key = right
    return {"DPoP": proof}


async def test_asvs_8_3_2_who_leaves_the_oversight_office_observes_nobody(
    house: House, program: Program
) -> None:
    async with house.browser() as observer:
        assert (await observer.sign_in(ANALYST)).status_code == 303
        token = (await program.tokens(observer))["access_token"]
    until = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    asked = {"purpose": "audit", "reference": "Order 7", "until": until}
    seen = (await program.trade(token, "MOH", **asked)).json()
    assert (await program.refresh(seen["refresh_token"])).status_code == 200
    seen = (await program.trade(token, "MOH", **asked)).json()
    async with house.database.unit_of_work(OPERATOR) as uow:
        office = await find_organization_by_code(uow.session, "OCM")
        analyst = await find_user_by_email(uow.session, ANALYST)
        assert office is not None
        assert analyst is not None
        ended = await end_authorizations(uow, user_id=analyst.id, org_id=office.id)
        assert ended == 3
        with pytest.raises(ValueError, match="name whose"):
            await end_authorizations(uow)
    assert error(await program.refresh(seen["refresh_token"])) == "invalid_grant"
    told = await program.post("/oauth2/introspect", token=seen["access_token"])
    assert told.json() == {"active": False}


# ASVS V9: self-contained tokens


async def test_asvs_9_1_2_tricks_with_the_header_make_no_token(
    house: House, program: Program, browser: Browser
) -> None:
    verifier: TokenVerifier = house.app.state.verifier
    good = (await program.tokens(browser))["access_token"]
    claims = payload(good)
    kid = json.loads(base64.urlsafe_b64decode(good.split(".")[0] + "=="))["kid"]
    mine, published = a_key(), (await jwks(program))[0]
    usual = {"typ": "at+jwt", "kid": kid}
    secret = OctKey.import_key(json.dumps(published).encode())
    forged = [
        f"{part({'alg': 'none', **usual})}.{part(claims)}.",
        f"{part({'alg': 'None', **usual})}.{part(claims)}.",
        signed(usual, claims, secret, "HS256"),
        signed(usual, claims, RSAKey.generate_key(2048), "RS256"),
        signed(usual, claims, mine),
        signed({**usual, "jwk": mine.as_dict(private=False)}, claims, mine),
        signed({**usual, "kid": mine.kid}, claims, mine),
        signed({**usual, "kid": "../../etc/passwd"}, claims, mine),
        signed({**usual, "kid": "' OR 1=1 --"}, claims, mine),
        f"{part({'alg': 'ES256', **usual, 'jku': 'https://evil.example/jwks'})}."
        + ".".join(signed(usual, claims, mine).split(".")[1:]),
        f"{part({'alg': 'ES256', **usual, 'crit': ['b64'], 'b64': False})}."
        + ".".join(good.split(".")[1:]),
        f"{good.split('.')[0]}.{part({**claims, 'org_code': 'MOLE'})}.{good.split('.')[2]}",
        good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
    ]
    for token in forged:
        with pytest.raises(TokenRejected):
            await verifier.verify(token)
        told = await program.post("/oauth2/introspect", token=token)
        assert told.json() == {"active": False}, token


async def jwks(program: Program) -> list[dict[str, str]]:
    async with program.alone() as connection:
        keys: list[dict[str, str]] = (await connection.get("/oauth2/jwks")).json()["keys"]
    return keys


async def test_asvs_9_2_2_an_id_token_is_no_access_token_and_the_other_way_round(
    house: House, program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    with pytest.raises(TokenRejected, match="not an access token"):
        await house.app.state.verifier.verify(given["id_token"])
    told = await program.post("/oauth2/introspect", token=given["id_token"])
    assert told.json() == {"active": False}
    asked = program.request(prompt="none", id_token_hint=given["access_token"])
    address = await program.post("/oauth2/par", **asked)
    answer = await program.open(browser, address.json()["request_uri"])
    assert came_back(answer)["error"] == "invalid_request"


async def test_asvs_9_1_3_a_flood_of_unknown_key_ids_does_not_reach_the_issuer() -> None:
    asked = []
    key = a_key()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"keys": [key.as_dict(private=False)]})

    keys = PublishedKeys("https://issuer/jwks", client=mocked(answer))
    verifier = TokenVerifier(
        issuer=ISSUER, audience=f"{ISSUER}/api", keys=keys, denied=DenySet.complete()
    )
    for _ in range(200):
        other = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})
        token = signed({"typ": "at+jwt", "kid": other.kid}, {"iss": ISSUER}, other)
        with pytest.raises(TokenRejected):
            await verifier.verify(token)
    assert len(asked) <= 2


def mocked(answer: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


# Client authentication


async def test_rfc7523_3_an_assertion_is_for_us_by_its_client_now_and_once(
    house: House, program: Program
) -> None:
    other = await house.program()
    now = int(time.time())
    good = program.assertion()
    for name, assertion in {
        "by another client": other.assertion(iss=program.client_id, sub=program.client_id),
        "about another client": program.assertion(sub=other.client_id),
        "for another audience": program.assertion(aud="https://elsewhere.example"),
        "for a list of audiences": program.assertion(aud=[ISSUER, "https://elsewhere.example"]),
        "without an end": program.assertion(exp=None),
        "with an end far away": program.assertion(exp=now + 3600),
        "over": program.assertion(exp=now - 1),
        "not yet": program.assertion(nbf=now + 300),
        "without an id": program.assertion(jti=None),
        "with a number for an id": program.assertion(jti=7),
        "with words for times": program.assertion(exp="soon"),
        "with an endless time": program.assertion(exp=1e300),
        "unsigned": f"{part({'alg': 'none'})}.{part(payload(good))}.",
        "signed with its public key": signed(
            {}, payload(good), OctKey.import_key(json.dumps(program_jwk(program))), "HS256"
        ),
        "with a key of its own": signed(
            {"jwk": a_key().as_dict(private=False)}, payload(good), a_key()
        ),
        "nonsense": "a.b.c",
        "too long": good + "a" * 5000,
        "of a client that has no key": signed(
            {}, {**payload(good), "iss": "bmms-cli", "sub": "bmms-cli"}, a_key()
        ),
    }.items():
        answer = await program.post("/oauth2/introspect", token="x", client_assertion=assertion)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name
    asked = {"token": "x", "client_assertion": good}
    assert (await program.post("/oauth2/introspect", **asked)).status_code == 200
    assert error(await program.post("/oauth2/introspect", **asked)) == "invalid_client"


def program_jwk(program: Program) -> dict[str, Any]:
    assert program.key is not None
    return dict(program.key.as_dict(private=False))


async def test_rfc7523_3_of_many_at_once_with_one_assertion_one_wins(program: Program) -> None:
    asked = {"token": "x", "client_assertion": program.assertion()}
    answers = await asyncio.gather(*(program.post("/oauth2/introspect", **asked) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 5]


async def test_rfc6749_2_3_a_client_shows_itself_by_one_method_and_by_its_own(
    house: House, program: Program
) -> None:
    basic = base64.b64encode(f"{program.client_id}:secret".encode()).decode()
    two = {"Authorization": f"Basic {basic}"}
    assert error(await program.post("/oauth2/introspect", two, token="x")) == "invalid_request"
    answer = await program.post("/oauth2/introspect", token="x", client_secret="secret")
    assert error(answer) == "invalid_request"
    bare = Program(house.app, program.client_id, proof_key=a_key())
    for path in ("/oauth2/token", "/oauth2/par", "/oauth2/revoke", "/oauth2/device_authorization"):
        fields = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
        assert error(await bare.post(path, **fields)) == "invalid_client", path
    with_secret = await house.program(bound=False, token_endpoint_auth_method="client_secret_post")
    right, with_secret.secret = with_secret.secret, "wrong"
    assert error(await with_secret.post("/oauth2/introspect", token="x")) == "invalid_client"
    with_secret.secret = ""
    asked = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": program.assertion()}
    answer = await with_secret.post("/oauth2/introspect", token="x", **asked)
    assert error(answer) == "invalid_request"
    with_secret.secret = right
    assert (await with_secret.post("/oauth2/introspect", token="x")).status_code == 200


# DPoP


async def test_rfc9449_11_1_a_proof_is_good_once_and_two_are_none(
    program: Program, browser: Browser
) -> None:
    proof = program.proof("/oauth2/par")
    assert (await program.post("/oauth2/par", {"DPoP": proof}, **program.request())).is_success
    answer = await program.post("/oauth2/par", {"DPoP": proof}, **program.request())
    assert error(answer) == "invalid_dpop_proof"
    code = await program.code(browser)
    fields = {
        "client_id": program.client_id,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": program.assertion(),
        "grant_type": "authorization_code",
        "code": code,
    }
    two = [("DPoP", program.proof("/oauth2/token")) for _ in range(2)]
    async with program.alone() as connection:
        assert error(await connection.post("/oauth2/token", data=fields, headers=two))


async def test_rfc9449_7_2_a_bound_token_is_refused_as_a_bearer_token_everywhere(
    program: Program, browser: Browser
) -> None:
    token = (await program.tokens(browser))["access_token"]
    for path in ("/api/v1/identity/me", "/api/v1/moa/MOH/identity/members", "/oauth2/userinfo"):
        async with program.alone() as connection:
            for headers in (
                {"Authorization": f"Bearer {token}"},
                {
                    "Authorization": f"Bearer {token}",
                    "DPoP": program.proof(path, method="GET", ath=ath(token)),
                },
            ):
                answer = await connection.get(path, headers=headers)
                assert answer.status_code == 401, path
            proof = program.proof(path, method="GET", ath=ath(token))
            headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
            assert (await connection.get(path, headers=headers)).status_code == 200, path


async def test_rfc9449_5_a_client_for_bound_tokens_gets_no_other(
    program: Program, browser: Browser
) -> None:
    code = await program.code(browser)
    key, program.proof_key = program.proof_key, None
    try:
        assert error(await program.exchange(code)) == "invalid_dpop_proof"
    finally:
        program.proof_key = key
    assert (await program.exchange(code)).json()["token_type"] == "DPoP"


# Pushed requests and devices


async def test_rfc9126_7_1_nobody_says_that_a_request_was_pushed_but_who_pushed_it(
    house: House, program: Program, browser: Browser
) -> None:
    for asked in (
        program.request(request_uri="urn:ietf:params:oauth:request_uri:invented"),
        program.request(request_uri="https://evil.example/request"),
        {"client_id": "bmms-cli", "request_uri": await program.push()},
        {"request_uri": await program.push()},
    ):
        answer = await browser.get("/oauth2/authorize", params=asked)
        assert answer.status_code in (302, 400)
        assert "code=" not in answer.headers.get("location", "")


async def test_rfc8628_5_1_user_codes_cannot_be_guessed_and_a_code_is_answered_once(
    house: House,
) -> None:
    from services.identity.device_authorizations.model import ALPHABET, CODE_LENGTH, new_user_code

    assert len(ALPHABET) ** CODE_LENGTH > 2**34
    assert len({new_user_code() for _ in range(1000)}) == 1000


async def test_asvs_10_4_4_a_grant_that_a_client_was_not_registered_for_is_refused(
    house: House, browser: Browser
) -> None:
    plain = await house.program(
        bound=False,
        token_endpoint_auth_method="client_secret_post",
        grant_types=["authorization_code"],
    )
    code = came_back(await browser.get("/oauth2/authorize", params=plain.request()))["code"]
    given = (await plain.exchange(code)).json()
    assert "refresh_token" not in given
    assert error(await plain.refresh("x")) == "unauthorized_client"
    assert error(await plain.trade(given["access_token"], "MOLE")) == "unauthorized_client"
    for grant in ("client_credentials", "urn:ietf:params:oauth:grant-type:device_code"):
        answer = await plain.post("/oauth2/token", grant_type=grant, device_code="x")
        assert error(answer) == "unauthorized_client"
    assert error(await plain.post("/oauth2/device_authorization")) == "unauthorized_client"
    for grant in ("password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        answer = await plain.post("/oauth2/token", grant_type=grant)
        assert error(answer) == "unsupported_grant_type"
