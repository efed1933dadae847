"""fapi2-security-profile-final-test-plan, continued: proofs of possession (RFC 9449)."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.houses import (
    House,
    browser,
    house,
    moved,
    program,
    push,
    refused,
    second,
)
from services.identity.tests.program import Program, a_key, ath

__all__ = ["browser", "house", "program", "second"]


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
