"""fapi2-security-profile-final-test-plan, each module under its public name.

The variant is plain_fapi, private_key_jwt, dpop, openid_connect, unsigned requests, plain answers.
Left out are the modules that the plan itself leaves out of the security profile (signed requests)
and those of other countries' profiles and of grant management, which this variant does not run.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from services.identity.tests.browser import ISSUER, Browser
from services.identity.tests.houses import (
    House,
    browser,
    house,
    moved,
    pass_a_minute,
    program,
    push,
    refused,
    second,
)
from services.identity.tests.program import CALLBACK, Program, came_back, payload, signed

__all__ = ["browser", "house", "program", "second"]


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


@pytest.mark.parametrize("module", ASSERTIONS)
async def test_fapi2_security_profile_final(program: Program, module: str) -> None:
    """One name for the modules about what a client assertion says; the parameter is the module."""
    wrong = program.assertion(**moved(ASSERTIONS[module]))
    refused(await push(program, client_assertion=wrong), "invalid_client")
    wrong = program.assertion(**moved(ASSERTIONS[module]))
    refused(await program.exchange("a code", client_assertion=wrong), "invalid_client")


async def test_fapi2_security_profile_final_refresh_token(
    program: Program, second: Program, browser: Browser
) -> None:
    given = await program.tokens(browser)
    refused(await second.refresh(given["refresh_token"]), "invalid_grant")
    again = (await program.refresh(given["refresh_token"])).json()
    assert (await program.call(again["access_token"])).status_code == 200
