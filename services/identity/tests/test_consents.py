"""Consents: a person sees what they allowed, and takes it back."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

import pytest

from libs.chassis.database import Database
from services.identity.tests.browser import Browser
from services.identity.tests.factories import a_user
from services.identity.tests.relying_party import RelyingParty, a_client

URL = "/api/v1/identity/me/consents"
EMAIL = "amina@moh.example"


@pytest.fixture
async def third(transactions: Database, browser: Browser) -> RelyingParty:
    """Give a third party's client, with a person signed in in its browser."""
    await a_user(transactions, EMAIL, MOH="staff")
    await a_user(transactions, "omar@moh.example", MOH="staff")
    await browser.tokens(EMAIL)
    bearer = browser.headers.pop("Authorization")
    rp = RelyingParty(browser, await a_client(transactions, is_first_party=False))
    rp.browser.headers["X-Bearer"] = bearer
    return rp


async def allow(rp: RelyingParty, scope: str) -> str:
    """Allow what is asked, and return the code."""
    page = await rp.authorize(scope=scope)
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    allowed = await rp.browser.post("/oauth2/consent", data={**fields, "decision": "allow"})
    return rp.answer(allowed)["code"]


async def test_asvs_10_7_3_a_person_lists_their_consents_and_withdraws_one(
    third: RelyingParty,
) -> None:
    own = {"Authorization": third.browser.headers["X-Bearer"]}
    assert (await third.browser.get(URL, headers=own)).json()["items"] == []
    given = (await third.exchange(await allow(third, "openid email"))).json()
    (consent,) = (await third.browser.get(URL, headers=own)).json()["items"]
    assert consent["client_name"] == "A relying party"
    assert consent["scopes"] == ["openid", "email"]
    withdrawn = await third.browser.post(f"{URL}/{consent['id']}/withdraw", headers=own)
    assert withdrawn.json()["withdrawn_at"] is not None
    fields = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert (await third.token(fields)).json()["error"] == "invalid_grant"
    assert (await third.userinfo(given["access_token"])).status_code == 401
    assert (await third.browser.get(URL, headers=own)).json()["items"] == []
    again = await third.browser.post(f"{URL}/{consent['id']}/withdraw", headers=own)
    assert again.status_code == 404
    asked = third.answer(await third.authorize(scope="openid email", prompt="none"))
    assert asked["error"] == "consent_required"


async def test_a_consent_grows_and_is_not_asked_again_for_less(third: RelyingParty) -> None:
    await allow(third, "openid email")
    await allow(third, "openid phone")
    assert "code" in third.answer(await third.authorize(scope="openid email phone"))
    own = {"Authorization": third.browser.headers["X-Bearer"]}
    (consent,) = (await third.browser.get(URL, headers=own)).json()["items"]
    assert consent["scopes"] == ["openid", "email", "phone"]


async def test_nobody_sees_or_withdraws_another_persons_consent(third: RelyingParty) -> None:
    await allow(third, "openid")
    own = {"Authorization": third.browser.headers["X-Bearer"]}
    (consent,) = (await third.browser.get(URL, headers=own)).json()["items"]
    async with Browser(third.app) as other:
        await other.tokens("omar@moh.example")
        assert (await other.get(URL)).json()["items"] == []
        for consent_id in (consent["id"], uuid4()):
            refused = await other.post(f"{URL}/{consent_id}/withdraw")
            assert refused.status_code == 404
    assert "code" in third.answer(await third.authorize(prompt="none"))


async def test_the_products_own_clients_ask_only_when_told_to(third: RelyingParty) -> None:
    client = await a_client(third.app.state.database, is_first_party=True)
    own = replace(third, client=client)
    assert "code" in own.answer(await own.authorize())
    page = await own.authorize(prompt="consent")
    assert "Allow A relying party?" in page.text
