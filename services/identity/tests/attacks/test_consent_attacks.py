"""Attacks on consent, on signing out and on what is told about a person, by what forbids them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest

from services.identity.tests.conformance.conftest import (
    EMAIL,
    Provider,
    browser,
    provider,
    response_mode,
    rp,
    visitor,
)
from services.identity.tests.relying_party import (
    AFTER_LOGOUT,
    CALLBACK,
    RelyingParty,
    a_client,
    is_a_dead_end,
)

__all__ = ["browser", "provider", "response_mode", "rp", "visitor"]


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
