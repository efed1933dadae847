"""Attacks on the authorization endpoint and its neighbours, each named after what forbids it."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
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
from services.identity.tests.relying_party import AFTER_LOGOUT, CALLBACK, RelyingParty, a_client

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


def is_a_dead_end(answer: httpx.Response) -> bool:
    """Whether an answer leads nowhere: a page of ours, with no code and no way on."""
    return (
        answer.status_code == 400
        and "location" not in answer.headers
        and answer.headers["content-type"].startswith("text/html")
        and "evil.example" not in urlsplit(answer.headers.get("refresh", "")).netloc
        and "<script" not in answer.text
    )


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


async def test_rfc9700_4_16_and_asvs_3_4_6_no_page_can_be_framed(
    visitor: RelyingParty, provider: Provider
) -> None:
    consent = await asked_for_consent(visitor, provider)
    pages = [
        consent,
        await visitor.browser.get("/oauth2/logout"),
        await visitor.browser.get("/account/sign-in"),
        await visitor.authorize(client_id="nobody"),
        await visitor.authorize(response_mode="form_post", prompt="none"),
    ]
    for page in pages:
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["x-frame-options"] == "DENY"
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy


async def test_rfc6749_3_1_a_parameter_that_comes_twice_is_refused(rp: RelyingParty) -> None:
    asked = [*rp.request().items(), ("redirect_uri", "https://evil.example/")]
    assert is_a_dead_end(await rp.browser.get("/oauth2/authorize", params=asked))
    asked = [*rp.request().items(), ("scope", "openid email")]
    assert is_a_dead_end(await rp.browser.get("/oauth2/authorize", params=asked))


async def asked_for_consent(rp: RelyingParty, provider: Provider) -> httpx.Response:
    """Bring somebody signed in to the page on which a third party asks for their consent."""
    third = replace(rp, client=await a_client(provider.database, is_first_party=False))
    await rp.browser.sign_in(EMAIL)
    page = await third.authorize(scope="openid email")
    assert page.status_code == 200
    assert "<h1>Allow A relying party?</h1>" in page.text
    return page


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def decide(rp: RelyingParty, page: httpx.Response, decision: str) -> httpx.Response:
    """Press a button of the consent page."""
    return await rp.browser.post("/oauth2/consent", data={**hidden(page), "decision": decision})


async def test_asvs_10_7_1_a_third_party_gets_nothing_without_consent_and_what_was_allowed_with_it(
    visitor: RelyingParty, provider: Provider
) -> None:
    third = replace(visitor, client=await a_client(provider.database, is_first_party=False))
    await visitor.browser.sign_in(EMAIL)
    silent = third.answer(await third.authorize(prompt="none"))
    assert silent["error"] == "consent_required"
    page = await third.authorize(scope="openid email")
    for words in ("your e-mail address", "which account is yours", "Amina Person", "rp.example"):
        assert words in page.text
    allowed = await decide(visitor, page, "allow")
    assert "code" in third.answer(allowed)
    assert "code" in third.answer(await third.authorize(scope="openid email", prompt="none"))
    more = third.answer(await third.authorize(scope="openid email phone", prompt="none"))
    assert more["error"] == "consent_required"
    wish = '{"userinfo": {"phone_number": null}}'
    one_by_one = third.answer(await third.authorize(claims=wish, prompt="none"))
    assert one_by_one["error"] == "consent_required"


async def test_asvs_10_7_1_whoever_does_not_allow_it_sends_the_client_away(
    visitor: RelyingParty, provider: Provider
) -> None:
    third = replace(visitor, client=await a_client(provider.database, is_first_party=False))
    await visitor.browser.sign_in(EMAIL)
    page = await third.authorize()
    denied = await decide(visitor, page, "deny")
    assert third.answer(denied)["error"] == "access_denied"
    again = await decide(visitor, page, "allow")
    assert is_a_dead_end(again), "a request is answered once"


async def test_asvs_3_5_1_consent_is_given_on_our_own_page_alone(
    visitor: RelyingParty, provider: Provider
) -> None:
    """Cross-site request forgery: the attacker knows everything but the browser's cookie."""
    page = await asked_for_consent(visitor, provider)
    fields = {**hidden(page), "decision": "allow"}
    for forged, headers in (
        ({**fields, "csrf_token": ""}, {}),
        ({**fields, "csrf_token": "guessed"}, {}),
        (fields, {"Sec-Fetch-Site": "cross-site"}),
        (fields, {"Sec-Fetch-Site": "same-site"}),
    ):
        refused = await visitor.browser.post("/oauth2/consent", data=forged, headers=headers)
        assert refused.status_code == 403, (forged, headers)
        assert "location" not in refused.headers


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


async def test_asvs_7_4_1_what_a_session_gave_ends_with_it(rp: RelyingParty) -> None:
    given = await rp.tokens()
    await rp.browser.get("/oauth2/logout", params={"id_token_hint": given["id_token"]})
    fields = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert (await rp.token(fields)).json()["error"] == "invalid_grant"
    assert (await rp.userinfo(given["access_token"])).status_code == 401


async def test_rfc9700_4_11_2_logout_leads_to_registered_addresses_alone(rp: RelyingParty) -> None:
    given = await rp.tokens()
    for trick in (
        "https://evil.example/",
        f"{AFTER_LOGOUT}?x=1",
        f"{AFTER_LOGOUT}/..",
        "javascript:alert(1)",
        CALLBACK,
    ):
        asked = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": trick}
        assert is_a_dead_end(await rp.browser.get("/oauth2/logout", params=asked)), trick


async def test_asvs_10_6_2_nobody_is_signed_out_by_another_site_unasked(rp: RelyingParty) -> None:
    await rp.tokens()
    for asked in ({}, {"client_id": rp.client.client_id}, {"id_token_hint": "forged"}):
        assert (await rp.browser.get("/oauth2/logout", params=asked)).status_code == 200
        assert (await rp.browser.post("/oauth2/logout", data=asked)).status_code in (200, 400)
    assert "code" in rp.answer(await rp.authorize(prompt="none"))


Asked = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]


async def in_the_address(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/oauth2/userinfo", params={"access_token": token})


async def twice(client: httpx.AsyncClient, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await client.post("/oauth2/userinfo", data={"access_token": token}, headers=headers)


async def by_another_scheme(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/oauth2/userinfo", headers={"Authorization": f"Basic {token}"})


@pytest.mark.parametrize("ask", [in_the_address, twice, by_another_scheme])
async def test_rfc9700_4_3_2_and_rfc6750_2_a_token_comes_once_and_never_in_an_address(
    rp: RelyingParty, ask: Asked
) -> None:
    given = await rp.tokens()
    async with rp.alone() as client:
        refused = await ask(client, given["access_token"])
    assert refused.status_code in (400, 401)
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert "sub" not in refused.json()


async def test_asvs_10_3_1_an_id_token_or_another_audiences_token_opens_nothing(
    rp: RelyingParty,
) -> None:
    given = await rp.tokens()
    for token in (given["id_token"], given["refresh_token"], "a.b.c", ""):
        refused = await rp.userinfo(token)
        assert refused.status_code == 401, token


async def test_a_token_without_openid_tells_nothing_about_the_person(rp: RelyingParty) -> None:
    given = await rp.tokens(scope="email", nonce=None)
    assert "id_token" not in given
    refused = await rp.userinfo(given["access_token"])
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize(
    "claims",
    ["[]", "1", "{", '{"userinfo": []}', '{"id_token": {"name": 1}}', "[" * 5000, '"x"'],
)
async def test_oidc_core_5_5_a_claims_parameter_that_is_none_is_an_error_of_the_client(
    rp: RelyingParty, claims: str
) -> None:
    assert rp.answer(await rp.authorize(claims=claims))["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [{"max_age": "-1"}, {"max_age": "soon"}, {"max_age": "9" * 40}, {"prompt": "always"}],
)
async def test_what_cannot_be_meant_is_refused_and_not_passed_over(
    rp: RelyingParty, changes: dict[str, str]
) -> None:
    assert rp.answer(await rp.authorize(**changes))["error"] == "invalid_request"


async def test_asvs_10_4_11_a_client_cannot_have_claims_beyond_its_scopes(
    rp: RelyingParty, provider: Provider
) -> None:
    narrow = replace(rp, client=await a_client(provider.database, scopes=["openid"]))
    wish = '{"userinfo": {"email": {"essential": true}}, "id_token": {"phone_number": null}}'
    given = await narrow.tokens(scope="openid email phone", claims=wish)
    assert given["scope"] == "openid"
    assert set((await narrow.userinfo(given["access_token"])).json()) == {"sub"}
    assert "phone_number" not in given["claims"]
