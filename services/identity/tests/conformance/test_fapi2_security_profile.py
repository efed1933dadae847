"""fapi2-security-profile-final-test-plan, each module under its public name.

The variant is plain_fapi, private_key_jwt, dpop, openid_connect, unsigned requests, plain answers.
Left out are the modules that the plan itself leaves out of the security profile (signed requests)
and those of other countries' profiles and of grant management, which this variant does not run.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.program import (
    AMINA,
    CALLBACK,
    House,
    Program,
    a_house,
    a_key,
    ath,
    came_back,
    payload,
    signed,
)

house = pytest.fixture(a_house, scope="module")


@pytest.fixture(scope="module")
async def program(house: House) -> Program:
    return await house.program()


@pytest.fixture(scope="module")
async def second(house: House) -> Program:
    return await house.program()


@pytest.fixture(scope="module")
async def browser(house: House) -> AsyncIterator[Browser]:
    async with house.browser() as browser:
        assert (await browser.sign_in(AMINA)).status_code == 303
        yield browser


async def pass_a_minute(house: House, table: str) -> None:
    engine = create_async_engine(house.admin.admin, poolclass=NullPool)
    async with engine.begin() as connection:
        moved = f"UPDATE identity.{table} SET expires_at = expires_at - interval '61 seconds'"
        await connection.execute(text(moved))
    await engine.dispose()


def refused(answer: httpx.Response, *errors: str) -> None:
    """The endpoint says no, in the form of RFC 6749 (5.2)."""
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] in errors, answer.text


async def push(program: Program, **changes: Any) -> httpx.Response:
    headers = changes.pop("headers", None)
    return await program.post("/oauth2/par", headers, **program.request(**changes))


async def test_fapi2_security_profile_final_discovery_end_point_verification(
    house: House, program: Program
) -> None:
    async with program.alone() as connection:
        told = (await connection.get("/.well-known/openid-configuration")).json()
    assert told["issuer"] == ISSUER
    assert told["authorization_response_iss_parameter_supported"] is True
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
    assert "ES256" in told["token_endpoint_auth_signing_alg_values_supported"]
    assert "ES256" in told["dpop_signing_alg_values_supported"]
    assert told["pushed_authorization_request_endpoint"] == f"{ISSUER}/oauth2/par"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert "code" in told["response_types_supported"]
    assert "authorization_code" in told["grant_types_supported"]
    assert "jwks_uri" in told


async def test_fapi2_security_profile_final_happy_flow(program: Program, browser: Browser) -> None:
    answer = came_back(await program.open(browser, await program.push()))
    assert (answer["state"], answer["iss"]) == ("some state", ISSUER)
    exchanged = await program.exchange(answer["code"])
    assert exchanged.headers["cache-control"] == "no-store"
    given = exchanged.json()
    assert given["token_type"] == "DPoP"
    assert payload(given["id_token"])["nonce"] == "some nonce"
    assert len(given["access_token"]) > 100
    assert (await program.call(given["access_token"])).status_code == 200


async def test_fapi2_security_profile_final_user_rejects_authentication(
    house: House, browser: Browser
) -> None:
    import re

    asking = await house.program(is_first_party=False)
    page = await asking.open(browser, await asking.push())
    assert page.status_code == 200
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    answer = await browser.post("/oauth2/consent", data={**hidden, "decision": "deny"})
    assert came_back(answer)["error"] == "access_denied"


async def test_fapi2_security_profile_final_ensure_authorization_request_without_state_success(
    program: Program, browser: Browser
) -> None:
    answer = came_back(await program.open(browser, await program.push(state=None)))
    assert "state" not in answer
    assert (await program.exchange(answer["code"])).status_code == 200


async def test_fapi2_security_profile_final_ensure_authorization_request_without_nonce_success(
    program: Program, browser: Browser
) -> None:
    given = await program.tokens(browser, nonce=None)
    assert "nonce" not in payload(given["id_token"])


@pytest.mark.parametrize("length", [64, 384])
async def test_fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success(
    program: Program, browser: Browser, length: int
) -> None:
    """With 384 signs it is the module `…-with-long-nonce`."""
    given = await program.tokens(browser, nonce="n" * length)
    assert payload(given["id_token"])["nonce"] == "n" * length


async def test_fapi2_security_profile_final_ensure_authorization_request_with_long_state(
    program: Program, browser: Browser
) -> None:
    answer = came_back(await program.open(browser, await program.push(state="s" * 1024)))
    assert answer["state"] == "s" * 1024


async def test_fapi2_security_profile_final_ensure_other_scope_order_succeeds(
    program: Program, browser: Browser
) -> None:
    assert "id_token" in await program.tokens(browser, scope="email profile openid")


async def test_fapi2_security_profile_final_test_claims_parameter_identity_claims(
    program: Program, browser: Browser
) -> None:
    wish = '{"id_token": {"name": {"essential": true}}}'
    given = await program.tokens(browser, scope="openid", claims=wish)
    assert payload(given["id_token"])["name"] == "Amina Person"


async def test_fapi2_security_profile_final_access_token_type_header_case_sensitivity(
    program: Program, browser: Browser
) -> None:
    token = (await program.tokens(browser))["access_token"]
    for scheme in ("DPoP", "dpop", "DPOP"):
        assert (await program.call(token, scheme=scheme)).status_code == 200


async def test_fapi2_security_profile_final_check_dpop_proof_nbf_exp(
    program: Program, browser: Browser
) -> None:
    now = int(time.time())
    for changes, status in (
        ({"nbf": now - 5, "exp": now + 30}, 200),
        ({"nbf": now + 300}, 400),
        ({"exp": now - 300}, 400),
    ):
        proof = program.proof("/oauth2/token", **changes)
        code = await program.code(browser)
        answer = await program.exchange(code, headers={"DPoP": proof})
        assert answer.status_code == status, changes


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_fapi2_security_profile_final_ensure_dpop_proof_with_iat_10_seconds_before_succeeds(
    program: Program, browser: Browser, seconds: int
) -> None:
    """With ten seconds after now it is the module `…-with-iat-10-seconds-after-succeeds`."""
    proof = program.proof("/oauth2/token", iat=int(time.time()) + seconds)
    answer = await program.exchange(await program.code(browser), headers={"DPoP": proof})
    assert answer.status_code == 200


async def test_fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails(
    program: Program,
) -> None:
    refused(await push(program, dpop_jkt=a_key().thumbprint()), "invalid_request")


async def with_another_key(program: Program, code: str) -> httpx.Response:
    right, program.proof_key = program.proof_key, a_key()
    try:
        return await program.exchange(code)
    finally:
        program.proof_key = right


async def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(  # noqa: E501
    program: Program, browser: Browser
) -> None:
    code = await program.code(browser)
    refused(await with_another_key(program, code), "invalid_grant", "invalid_dpop_proof")
    assert (await program.exchange(code)).status_code == 200


async def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(
    house: House, browser: Browser
) -> None:
    program = await house.program(requires_dpop=False)
    key, program.proof_key = program.proof_key, None
    assert isinstance(key, ECKey)
    code = await program.code(browser, dpop_jkt=key.thumbprint())
    program.proof_key = key
    refused(await with_another_key(program, code), "invalid_grant", "invalid_dpop_proof")


async def test_fapi2_security_profile_final_ensure_dpop_proof_at_par_endpoint_binding_success(
    program: Program, browser: Browser
) -> None:
    assert (await program.exchange(await program.code(browser))).status_code == 200


async def test_fapi2_security_profile_final_ensure_dpop_auth_code_binding_success(
    program: Program, browser: Browser
) -> None:
    assert isinstance(program.proof_key, ECKey)
    code = await program.code(browser, dpop_jkt=program.proof_key.thumbprint())
    assert (await program.exchange(code)).status_code == 200


async def open_with(
    program: Program, browser: Browser, pushed: dict[str, str | None], **outside: str
) -> dict[str, str]:
    asked = {
        "client_id": program.client_id,
        "request_uri": await program.push(**pushed),
        **outside,
    }
    return came_back(await browser.get("/oauth2/authorize", params=asked))


async def test_fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object(  # noqa: E501
    program: Program, browser: Browser
) -> None:
    answer = await open_with(program, browser, {}, nonce="outside")
    given = (await program.exchange(answer["code"])).json()
    assert payload(given["id_token"])["nonce"] == "some nonce"


async def test_fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object(  # noqa: E501
    program: Program, browser: Browser
) -> None:
    assert (await open_with(program, browser, {}, state="outside"))["state"] == "some state"


async def test_fapi2_security_profile_final_state_only_outside_request_object_not_used(
    program: Program, browser: Browser
) -> None:
    assert "state" not in await open_with(program, browser, {"state": None}, state="outside")


async def test_fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails(
    program: Program,
) -> None:
    """Without a signature it is also `…-ensure-redirect-uri-in-authorization-request`."""
    refused(await push(program, redirect_uri=None), "invalid_request")


async def test_fapi2_security_profile_final_ensure_registered_redirect_uri(
    program: Program,
) -> None:
    for address in (f"{CALLBACK}/more", "https://elsewhere.example/callback", f"{CALLBACK}?a=b"):
        refused(await push(program, redirect_uri=address), "invalid_request")


async def test_fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails(  # noqa: E501
    program: Program, browser: Browser
) -> None:
    answer = await browser.get("/oauth2/authorize", params=program.request())
    assert came_back(answer)["error"] == "invalid_request"


@pytest.mark.parametrize("kind", ["code id_token", "token"])
async def test_fapi2_security_profile_final_ensure_response_type_code_id_token_fails(
    program: Program, kind: str
) -> None:
    """With `token` it is the module `…-ensure-response-type-token-fails`."""
    answer = await push(program, response_type=kind)
    refused(answer, "invalid_request", "unsupported_response_type", "unauthorized_client")


async def test_fapi2_security_profile_final_ensure_client_id_in_token_endpoint(
    program: Program, second: Program, browser: Browser
) -> None:
    code = await program.code(browser)
    refused(
        await program.exchange(code, client_id=second.client_id),
        "invalid_client",
        "invalid_request",
    )


async def test_fapi2_security_profile_final_ensure_holder_of_key_required(
    program: Program, browser: Browser
) -> None:
    code = await program.code(browser)
    key, program.proof_key = program.proof_key, None
    try:
        refused(await program.exchange(code), "invalid_dpop_proof", "invalid_request")
    finally:
        program.proof_key = key
    token = (await program.tokens(browser))["access_token"]
    assert (await program.call(token, scheme="Bearer")).status_code == 401


async def test_fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client(
    program: Program, second: Program, browser: Browser
) -> None:
    refused(await second.exchange(await program.code(browser)), "invalid_grant")


async def test_fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second(
    program: Program, browser: Browser
) -> None:
    code = await program.code(browser)
    given = (await program.exchange(code)).json()
    refused(await program.exchange(code), "invalid_grant")
    refused(await program.refresh(given["refresh_token"]), "invalid_grant")


async def test_fapi2_security_profile_final_attempt_to_use_expired_auth_code(
    house: House, program: Program, browser: Browser
) -> None:
    code = await program.code(browser)
    await pass_a_minute(house, "authorization_codes")
    refused(await program.exchange(code), "invalid_grant")


async def test_fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails(
    program: Program, browser: Browser
) -> None:
    now = int(time.time())
    claims = {
        **dict.fromkeys(("iss", "sub"), program.client_id),
        "aud": ISSUER,
        "exp": now + 60,
        "jti": secrets.token_hex(8),
    }
    forged = signed({}, claims, RSAKey.generate_key(2048), "RS256")
    refused(await program.exchange("a code", client_assertion=forged), "invalid_client")


async def test_fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint(
    program: Program, browser: Browser
) -> None:
    answer = await program.exchange(
        await program.code(browser), client_assertion=None, client_assertion_type=None
    )
    refused(answer, "invalid_client", "invalid_request")


ASSERTIONS: dict[str, dict[str, Any]] = {
    "ensure_client_assertion_with_exp_is_5_minutes_in_past_fails": {"exp": -300},
    "ensure_client_assertion_with_wrong_aud_fails": {"aud": "https://elsewhere.example"},
    "ensure_client_assertion_with_no_sub_fails": {"sub": None},
    "par_endpoint_as_array_audience_fails": {"aud": [f"{ISSUER}/oauth2/par"]},
    "par_endpoint_as_audience_fails": {"aud": f"{ISSUER}/oauth2/par"},
    "par_token_endpoint_as_audience_fails": {"aud": f"{ISSUER}/oauth2/token"},
    "ensure_jwt_client_assertion_with_iat_nbf_over_60_seconds_in_the_future_fails": {
        "iat": 90,
        "nbf": 90,
        "exp": 150,
    },
}


def moved(changes: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {
        name: now + value if name in ("exp", "iat", "nbf") and value is not None else value
        for name, value in changes.items()
    }


@pytest.mark.parametrize("module", ASSERTIONS)
async def test_fapi2_security_profile_final(program: Program, module: str) -> None:
    """One name for the modules about what a client assertion says; the parameter is the module."""
    wrong = program.assertion(**moved(ASSERTIONS[module]))
    refused(await push(program, client_assertion=wrong), "invalid_client")
    wrong = program.assertion(**moved(ASSERTIONS[module]))
    refused(await program.exchange("a code", client_assertion=wrong), "invalid_client")


async def test_fapi2_security_profile_final_par_ensure_jwt_client_assertion_with_iat_nbf_8_seconds_in_the_future_is_accepted(  # noqa: E501
    program: Program,
) -> None:
    ahead = int(time.time()) + 8
    assertion = program.assertion(iat=ahead, nbf=ahead, exp=ahead + 60)
    assert (await push(program, client_assertion=assertion)).status_code == 201


DPOP: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another type": ({"typ": "jwt"}, {}),
    "no key": ({"jwk": None}, {}),
    "another key": ({"jwk": "other"}, {}),
    "another method": ({}, {"htm": "GET"}),
    "no method": ({}, {"htm": None}),
    "another address": ({}, {"htu": f"{ISSUER}/oauth2/par"}),
    "no address": ({}, {"htu": None}),
    "no id": ({}, {"jti": None}),
    "no time": ({}, {"iat": None}),
    "too old": ({}, {"iat": -300}),
    "from the future": ({}, {"iat": 300}),
}


async def test_fapi2_security_profile_final_dpop_negative_tests(
    program: Program, browser: Browser
) -> None:
    code = await program.code(browser)
    for name, (header, changes) in DPOP.items():
        told = dict(header)
        if told.get("jwk") == "other":
            told["jwk"] = a_key().as_dict(private=False)
        proof = program.proof("/oauth2/token", told, **moved({"iat": 0, **changes}))
        answer = await program.exchange(code, headers={"DPoP": proof})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), name
    right = program.proof("/oauth2/token")
    assert (await program.exchange(code, headers={"DPoP": right})).status_code == 200
    again = await program.exchange(await program.code(browser), headers={"DPoP": right})
    refused(again, "invalid_dpop_proof")
    token = (await program.tokens(browser))["access_token"]
    path = "/api/v1/identity/me"
    for changes in (
        {"ath": ath("another token")},
        {"ath": None},
        {"ath": ath(token), "htm": "PUT"},
    ):
        proof = program.proof(path, **{"method": "GET", **changes})
        assert (await program.call(token, DPoP=proof)).status_code == 401
    proof = program.proof(path, method="GET", ath=ath(token))
    assert (await program.call(token, DPoP=proof)).status_code == 200
    assert (await program.call(token, DPoP=proof)).status_code == 401


async def test_fapi2_security_profile_final_refresh_token(
    program: Program, second: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    refused(await second.refresh(given["refresh_token"]), "invalid_grant")
    again = (await program.refresh(given["refresh_token"])).json()
    assert (await program.call(again["access_token"])).status_code == 200


async def test_fapi2_security_profile_final_par_ensure_server_accepts_reused_request_uri_before_authentication_completion(  # noqa: E501
    house: House, program: Program
) -> None:
    address = await program.push()
    async with house.browser() as browser:
        for _ in range(2):
            assert (await program.open(browser, address)).status_code == 303
        await browser.sign_in(AMINA)
        assert "code" in came_back(await program.open(browser, address))


async def test_fapi2_security_profile_final_par_attempt_reuse_request_uri(
    program: Program, browser: Browser
) -> None:
    address = await program.push()
    assert "code" in came_back(await program.open(browser, address))
    assert (await program.open(browser, address)).status_code == 400


async def test_fapi2_security_profile_final_par_attempt_to_use_expired_request_uri(
    house: House, program: Program, browser: Browser
) -> None:
    address = await program.push()
    await pass_a_minute(house, "pushed_requests")
    assert (await program.open(browser, address)).status_code == 400


async def test_fapi2_security_profile_final_par_ensure_request_uri_is_bound_to_client(
    program: Program, second: Program, browser: Browser
) -> None:
    assert (await second.open(browser, await program.push())).status_code == 400


async def test_fapi2_security_profile_final_par_reject_request_uri_in_par_authorization_form_params(
    program: Program,
) -> None:
    refused(await push(program, request_uri=await program.push()), "invalid_request")


async def test_fapi2_security_profile_final_par_reject_invalid_http_verb(program: Program) -> None:
    async with program.alone() as connection:
        for verb in ("GET", "PUT", "PATCH", "DELETE"):
            assert (await connection.request(verb, "/oauth2/par")).status_code == 405


async def test_fapi2_security_profile_final_par_ensure_pkce_required(program: Program) -> None:
    answer = await push(program, code_challenge=None, code_challenge_method=None)
    refused(answer, "invalid_request")


async def test_fapi2_security_profile_final_par_ensure_pkce_code_verifier_required(
    program: Program, browser: Browser
) -> None:
    answer = await program.exchange(await program.code(browser), code_verifier=None)
    refused(answer, "invalid_grant", "invalid_request")


async def test_fapi2_security_profile_final_par_incorrect_pkce_code_verifier_rejected(
    program: Program, browser: Browser
) -> None:
    answer = await program.exchange(await program.code(browser), code_verifier="w" * 43)
    refused(answer, "invalid_grant")


async def test_fapi2_security_profile_final_par_ensure_plain_pkce_rejected(
    program: Program,
) -> None:
    refused(await push(program, code_challenge_method="plain"), "invalid_request")


async def test_fapi2_security_profile_final_par_without_duplicate_parameters(
    program: Program, browser: Browser
) -> None:
    asked = {"client_id": program.client_id, "request_uri": await program.push()}
    answer = await browser.get("/oauth2/authorize", params=asked)
    assert "code" in came_back(answer)
