"""Attacks on the authorization endpoint and its neighbours, each named after what forbids it."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import httpx
from sqlalchemy import text

from services.identity.tests.browser import ISSUER, Browser, challenge
from services.identity.tests.conformance.conftest import (
    EMAIL,
    Provider,
    browser,
    provider,
    response_mode,
    rp,
    visitor,
)
from services.identity.tests.factories import OPERATOR, a_user
from services.identity.tests.relying_party import CALLBACK, RelyingParty, a_client, is_a_dead_end

__all__ = ["browser", "provider", "response_mode", "rp", "visitor"]
TRICKS = [
    f"{CALLBACK}/",
    f"{CALLBACK}?x=1",
    f"{CALLBACK}#part",
    f"{CALLBACK}/../evil",
    f"{CALLBACK}%2f..%2fevil",
    f"{CALLBACK}%00",
    CALLBACK.replace("https", "http"),
    CALLBACK.replace("https", "HTTPS"),
    CALLBACK.replace("rp.example", "rp.example:444"),
    CALLBACK.replace("rp.example", "rp.example."),
    CALLBACK.replace("rp.example", "RP.example"),
    CALLBACK.replace("rp.example", "rp.example@evil.example"),
    CALLBACK.replace("rp.example", "evil.example"),
    CALLBACK.replace("rp.example", "rp.example.evil.example"),
    CALLBACK.replace("https://", "https://evil.example\\@"),
    f"https://evil.example/?{CALLBACK}",
    "//rp.example/callback",
    "/callback",
    "javascript:alert(document.cookie)",
    "data:text/html,<script>alert(1)</script>",
    f" {CALLBACK}",
    f"{CALLBACK} ",
    "",
]


async def test_rfc9700_4_1_3_and_asvs_10_4_1_an_address_that_is_not_registered_gets_nothing(
    rp: RelyingParty,
) -> None:
    for trick in TRICKS:
        answer = await rp.authorize(redirect_uri=trick)
        assert is_a_dead_end(answer), (trick, answer.status_code, answer.headers)


async def test_rfc9700_4_11_2_an_error_never_goes_to_an_unchecked_address(
    rp: RelyingParty, provider: Provider
) -> None:
    evil = "https://evil.example/"
    for changes in (
        {"response_type": "token"},
        {"response_type": None},
        {"scope": "nothing-known"},
        {"prompt": "none login"},
        {"request": "x.y."},
        {"code_challenge": None},
    ):
        assert is_a_dead_end(await rp.authorize(redirect_uri=evil, **changes)), changes
    for client_id in ("nobody", "", provider.second.client_id + "x"):
        assert is_a_dead_end(await rp.authorize(client_id=client_id))


async def test_rfc9700_4_11_2_no_page_of_ours_is_an_open_redirector(rp: RelyingParty) -> None:
    for address in ("/account/sign-in", "/oauth2/logout"):
        for name in ("continue", "post_logout_redirect_uri", "redirect_uri", "next"):
            answer = await rp.browser.get(address, params={name: "https://evil.example/"})
            assert "evil.example" not in answer.headers.get("location", ""), (address, name)
            assert 'href="https://evil.example' not in answer.text
            assert 'action="https://evil.example' not in answer.text


async def test_rfc9700_2_1_2_and_asvs_10_4_4_and_10_6_1_no_token_comes_from_this_endpoint(
    rp: RelyingParty,
) -> None:
    for kind in ("token", "id_token", "id_token token", "code token", "code id_token", "none"):
        told = rp.answer(await rp.authorize(response_type=kind))
        assert told["error"] == "unsupported_response_type", kind
        assert not {"access_token", "id_token", "code"} & set(told)


async def test_rfc9700_4_8_and_asvs_10_4_6_pkce_cannot_be_talked_down(rp: RelyingParty) -> None:
    verifier = rp.verifier
    for changes in (
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain", "code_challenge": verifier},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
        {"code_challenge": ""},
    ):
        told = rp.answer(await rp.authorize(**changes))
        assert told["error"] == "invalid_request", changes
    for wrong in ("w" * 43, challenge(verifier), "", verifier[:-1], f"{verifier}x"):
        code = rp.answer(await rp.authorize())["code"]
        refused = await rp.exchange(code, code_verifier=wrong)
        assert refused.status_code == 400, wrong
        assert refused.json()["error"] in ("invalid_grant", "invalid_request")


async def test_rfc9700_4_5_a_code_injected_into_another_clients_exchange_gives_nothing(
    rp: RelyingParty, provider: Provider
) -> None:
    """The attacker has the victim's code and brings it into a flow of their own."""
    stolen = rp.answer(await rp.authorize())["code"]
    for thief in (
        RelyingParty(rp.browser, rp.client),
        RelyingParty(rp.browser, provider.second, verifier=rp.verifier),
        RelyingParty(rp.browser, provider.post, verifier=rp.verifier),
    ):
        refused = await thief.exchange(stolen)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_rfc9700_4_1_1_and_asvs_10_4_2_a_code_used_twice_ends_what_it_gave(
    rp: RelyingParty,
) -> None:
    code = rp.answer(await rp.authorize())["code"]
    given = (await rp.exchange(code)).json()
    assert (await rp.exchange(code)).json()["error"] == "invalid_grant"
    fields = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert (await rp.token(fields)).json()["error"] == "invalid_grant"
    assert (await rp.userinfo(given["access_token"])).status_code == 401


async def test_asvs_10_4_2_a_code_exchanged_at_once_by_many_is_exchanged_once(
    rp: RelyingParty,
) -> None:
    code = rp.answer(await rp.authorize())["code"]
    answers = await asyncio.gather(*(rp.exchange(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]


async def test_asvs_10_4_3_a_code_is_good_for_a_minute(
    rp: RelyingParty, provider: Provider
) -> None:
    code = rp.answer(await rp.authorize())["code"]
    async with provider.database.unit_of_work(OPERATOR) as uow:
        life = "SELECT max(expires_at) - now() FROM identity.authorization_codes"
        remains = await uow.session.scalar(text(life))
    assert remains is not None
    assert remains.total_seconds() <= 60
    assert (await rp.exchange(code)).status_code == 200


async def test_rfc9700_4_4_2_and_rfc9207_every_answer_names_its_issuer_against_mix_up(
    rp: RelyingParty,
) -> None:
    told = (await rp.browser.get("/.well-known/openid-configuration")).json()
    assert told["authorization_response_iss_parameter_supported"] is True
    for changes in (
        {},
        {"scope": "nothing-known"},
        {"prompt": "none", "max_age": "0"},
        {"organization": "NOSUCH"},
        {"request": "x.y."},
        {"response_mode": "fragment"},
        {"iss": "https://evil.example"},
    ):
        back = rp.came_back(await rp.authorize(**changes))
        assert back["iss"] == ISSUER, changes
        assert back["state"] == rp.state, changes


async def test_rfc9700_4_7_the_clients_state_comes_back_as_it_was(rp: RelyingParty) -> None:
    for state in ("a b&c=d", "'\"><script>", "ñandú ☂", "%00%0d%0aSet-Cookie: a=b", "x" * 500):
        asking = replace(rp, state=state)
        assert asking.answer(await asking.authorize())["code"]
    without = rp.came_back(await rp.authorize(state=None))
    assert "state" not in without


async def test_rfc9700_4_12_after_a_post_the_browser_goes_on_with_get(rp: RelyingParty) -> None:
    answer = await rp.browser.post("/oauth2/authorize", data=rp.request())
    assert answer.status_code == 303


async def test_rfc9700_4_2_4_the_address_with_the_code_is_not_told_on(rp: RelyingParty) -> None:
    answer = await rp.authorize()
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


async def test_rfc6749_3_1_a_parameter_that_comes_twice_is_refused(rp: RelyingParty) -> None:
    asked = [*rp.request().items(), ("redirect_uri", "https://evil.example/")]
    assert is_a_dead_end(await rp.browser.get("/oauth2/authorize", params=asked))
    asked = [*rp.request().items(), ("scope", "openid email")]
    assert is_a_dead_end(await rp.browser.get("/oauth2/authorize", params=asked))


async def test_asvs_10_4_13_and_rfc9126_who_hands_in_beforehand_cannot_be_asked_otherwise(
    rp: RelyingParty, provider: Provider
) -> None:
    careful = replace(rp, client=await a_client(provider.database, requires_pushed_requests=True))
    refused = careful.answer(await careful.authorize())
    assert refused["error"] == "invalid_request"
    handed_in = await push(careful)
    name = handed_in.json()["request_uri"]
    for thief in (provider.second.client_id, "nobody"):
        asked = {"client_id": thief, "request_uri": name}
        assert is_a_dead_end(await rp.browser.get("/oauth2/authorize", params=asked))
    asked = {"client_id": careful.client.client_id, "request_uri": name}
    changed = {**asked, "redirect_uri": "https://evil.example/", "scope": "openid email"}
    told = careful.answer(await rp.browser.get("/oauth2/authorize", params=changed))
    given = (await careful.exchange(told["code"])).json()
    assert given["scope"] == "openid", "only what was handed in counts"
    assert is_a_dead_end(await rp.browser.get("/oauth2/authorize", params=asked)), "once"


async def push(rp: RelyingParty, **changes: str) -> httpx.Response:
    """Hand a request in over the client's own connection."""
    both = f"{rp.client.client_id}:{rp.client.secret}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(both).decode()}"}
    async with rp.alone() as back_channel:
        answer = await back_channel.post(
            "/oauth2/par", data={**rp.request(), **changes}, headers=headers
        )
    assert answer.status_code == 201, answer.text
    return answer


async def test_oidc_core_3_1_2_1_a_hint_of_somebody_else_never_gives_this_persons_code(
    rp: RelyingParty, provider: Provider
) -> None:
    await a_user(provider.database, "omar@moh.example", MOH="staff")
    async with Browser(provider.app) as other:
        await other.sign_in("omar@moh.example")
        omar = await RelyingParty(other, rp.client).tokens()
    silent = rp.answer(await rp.authorize(prompt="none", id_token_hint=omar["id_token"]))
    assert silent["error"] == "login_required"
    asked = await rp.authorize(id_token_hint=omar["id_token"])
    refused = rp.answer(await rp.sign_in(asked, EMAIL))
    assert refused["error"] == "login_required", "somebody else has signed in"
    wish = f'{{"id_token": {{"sub": {{"value": "{omar["claims"]["sub"]}"}}}}}}'
    named = rp.answer(await rp.authorize(prompt="none", claims=wish))
    assert named["error"] == "login_required"
    for forged in ("nonsense", omar["access_token"], omar["id_token"][:-8] + "AAAAAAAA"):
        told = rp.answer(await rp.authorize(prompt="none", id_token_hint=forged))
        assert told["error"] == "invalid_request"
