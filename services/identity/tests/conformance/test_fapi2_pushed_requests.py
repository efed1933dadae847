"""fapi2-security-profile-final-test-plan, continued: what is pushed beforehand (RFC 9126)."""

from __future__ import annotations

import time

from services.identity.tests.browser import Browser
from services.identity.tests.houses import (
    House,
    browser,
    house,
    pass_a_minute,
    program,
    push,
    refused,
    second,
)
from services.identity.tests.program import AMINA, Program, came_back, payload

__all__ = ["browser", "house", "program", "second"]


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


async def test_fapi2_security_profile_final_par_ensure_jwt_client_assertion_with_iat_nbf_8_seconds_in_the_future_is_accepted(  # noqa: E501
    program: Program,
) -> None:
    ahead = int(time.time()) + 8
    assertion = program.assertion(iat=ahead, nbf=ahead, exp=ahead + 60)
    assert (await push(program, client_assertion=assertion)).status_code == 201


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
