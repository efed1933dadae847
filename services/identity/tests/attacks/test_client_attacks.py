"""Attacks by and on clients: who they are, what they prove, and what they hand in.

Each is named after the clause that wants it refused.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

from joserfc.jwk import OctKey

from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.houses import House, browser, house, program
from services.identity.tests.program import (
    ASSERTION_TYPE,
    Program,
    a_key,
    ath,
    came_back,
    error,
    part,
    payload,
    signed,
)

__all__ = ["browser", "house", "program"]


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
