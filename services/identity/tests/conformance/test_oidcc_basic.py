"""oidcc-basic-certification-test-plan: its 38 modules, each under its public name.

One thing differs throughout: every request carries PKCE with S256, which this provider demands of
every client (RFC 9700, 2.1.1), also where the suite's own requests have none.
"""

from __future__ import annotations

import json
import secrets
import time

import pytest
from joserfc.jws import extract_compact
from sqlalchemy import text

from services.identity.tests.conformance.conftest import EMAIL, Provider
from services.identity.tests.factories import OPERATOR
from services.identity.tests.relying_party import (
    CALLBACK,
    PERSON,
    RelyingParty,
    back_date,
    claims_of,
    renewed_nonce,
    unsigned,
)


async def test_oidcc_server(visitor: RelyingParty) -> None:
    answer = await visitor.sign_in(await visitor.authorize(), EMAIL)
    told = visitor.answer(answer)
    given = (await visitor.exchange(told["code"])).json()
    assert {"access_token", "id_token", "token_type", "expires_in"} <= set(given)
    claims = await visitor.id_token(given["id_token"], given, visitor.nonce)
    assert {"auth_time", "acr", "amr", "sid"} <= set(claims)
    assert (await visitor.userinfo(given["access_token"])).json() == {"sub": claims["sub"]}


async def test_oidcc_response_type_missing(rp: RelyingParty) -> None:
    told = rp.answer(await rp.authorize(response_type=None))
    assert told["error"] in ("invalid_request", "unsupported_response_type")
    assert "code" not in told


async def test_oidcc_idtoken_signature(rp: RelyingParty) -> None:
    header = extract_compact((await rp.tokens())["id_token"].encode()).headers()
    assert header["alg"] == "ES256"
    assert header["kid"]


async def test_oidcc_idtoken_unsigned(rp: RelyingParty) -> None:
    """Unsigned id tokens are not offered to anybody, which the module takes for a pass."""
    told = (await rp.browser.get("/.well-known/openid-configuration")).json()
    assert "none" not in told["id_token_signing_alg_values_supported"]
    header = extract_compact((await rp.tokens())["id_token"].encode()).headers()
    assert header["alg"] != "none"


async def test_oidcc_userinfo_get(rp: RelyingParty) -> None:
    given = await rp.tokens()
    told = await rp.userinfo(given["access_token"])
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json")
    assert told.json()["sub"] == given["claims"]["sub"]


async def test_oidcc_userinfo_post_header(rp: RelyingParty) -> None:
    given = await rp.tokens()
    told = await rp.userinfo(given["access_token"], "POST")
    assert told.json()["sub"] == given["claims"]["sub"]


async def test_oidcc_userinfo_post_body(rp: RelyingParty) -> None:
    given = await rp.tokens()
    async with rp.alone() as back_channel:
        fields = {"access_token": given["access_token"]}
        told = await back_channel.post("/oauth2/userinfo", data=fields)
    assert told.json()["sub"] == given["claims"]["sub"]


async def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(rp: RelyingParty) -> None:
    given = await rp.tokens(nonce=None)
    assert "nonce" not in given["claims"]


async def test_oidcc_scope_profile(rp: RelyingParty) -> None:
    claims = await claims_of(rp, scope="openid profile")
    assert set(claims) == {"sub", *PERSON}
    assert claims["name"] == "Amina Person"
    assert isinstance(claims["updated_at"], int)


async def test_oidcc_scope_email(rp: RelyingParty) -> None:
    claims = await claims_of(rp, scope="openid email")
    assert set(claims) == {"sub", "email", "email_verified"}
    assert (claims["email"], claims["email_verified"]) == (EMAIL, True)


async def test_oidcc_scope_address(rp: RelyingParty) -> None:
    """The scope is not offered: nobody's home is kept here. It is passed over, as an unknown one is
    (Core, 3.1.2.1)."""
    told = (await rp.browser.get("/.well-known/openid-configuration")).json()
    assert "address" not in told["scopes_supported"]
    assert set(await claims_of(rp, scope="openid address")) == {"sub"}


async def test_oidcc_scope_phone(rp: RelyingParty) -> None:
    claims = await claims_of(rp, scope="openid phone")
    assert claims["phone_number"] == "+639171234567"
    assert claims["phone_number_verified"] is False


async def test_oidcc_scope_all(rp: RelyingParty) -> None:
    """All but `address`, which is not offered."""
    claims = await claims_of(rp, scope="openid profile email address phone")
    phone = {"phone_number", "phone_number_verified"}
    assert set(claims) == {"sub", "email", "email_verified", *phone, *PERSON}


async def test_oidcc_ensure_other_scope_order_succeeds(rp: RelyingParty) -> None:
    assert (await claims_of(rp, scope="email openid"))["email"] == EMAIL


@pytest.mark.parametrize("display", ["page", "popup"])
async def test_oidcc_display_page_and_oidcc_display_popup(
    visitor: RelyingParty, display: str
) -> None:
    answer = await visitor.authorize(display=display)
    assert "code" in visitor.answer(await visitor.sign_in(answer, EMAIL))


async def test_oidcc_prompt_login(rp: RelyingParty) -> None:
    before = (await rp.tokens())["claims"]
    await back_date(rp, seconds=5)
    again = await rp.authorize(prompt="login")
    told = rp.answer(await rp.sign_in(again, EMAIL))
    given = (await rp.exchange(told["code"])).json()
    after = await rp.id_token(given["id_token"], given, rp.nonce)
    assert after["sub"] == before["sub"]
    assert after["auth_time"] >= before["auth_time"]


async def test_oidcc_prompt_none_not_logged_in(visitor: RelyingParty) -> None:
    told = visitor.answer(await visitor.authorize(prompt="none"))
    assert told["error"] == "login_required"
    assert "code" not in told


async def test_oidcc_prompt_none_logged_in(rp: RelyingParty) -> None:
    first = (await rp.tokens())["claims"]
    second = (await rp.tokens(prompt="none"))["claims"]
    assert {first[name] for name in ("sub", "auth_time")} == {
        second[name] for name in ("sub", "auth_time")
    }


async def test_oidcc_max_age_1(rp: RelyingParty) -> None:
    await rp.tokens()
    await back_date(rp, seconds=3)
    asked_at = int(time.time())
    asked = await rp.authorize(max_age="1")
    told = rp.answer(await rp.sign_in(asked, EMAIL))
    given = (await rp.exchange(told["code"])).json()
    claims = await rp.id_token(given["id_token"], given, rp.nonce)
    # The sign-in is one since the request: how long ago says how fast the machine is.
    assert claims["auth_time"] >= asked_at


async def test_oidcc_max_age_10000(rp: RelyingParty) -> None:
    first = (await rp.tokens())["claims"]
    second = (await rp.tokens(max_age="10000"))["claims"]
    assert first["auth_time"] == second["auth_time"]


async def test_oidcc_ensure_request_with_unknown_parameter_succeeds(rp: RelyingParty) -> None:
    assert "code" in rp.answer(await rp.authorize(extra="foobar"))


async def test_oidcc_id_token_hint(rp: RelyingParty) -> None:
    first = await rp.tokens()
    again = await rp.tokens(prompt="none", id_token_hint=first["id_token"])
    assert again["claims"]["sub"] == first["claims"]["sub"]


async def test_oidcc_login_hint(visitor: RelyingParty) -> None:
    asked = await visitor.authorize(login_hint="Amina <amina@moh.example>")
    page = await visitor.browser.get(asked.headers["location"])
    assert 'value="Amina &lt;amina@moh.example&gt;"' in page.text
    assert "code" in visitor.answer(await visitor.sign_in(asked, EMAIL))


@pytest.mark.parametrize("told", ["ui_locales se en", "ui_locales tl fil", "claims_locales se en"])
async def test_oidcc_ui_locales_and_oidcc_claims_locales(visitor: RelyingParty, told: str) -> None:
    name, wish, page = told.split()
    asked = await visitor.authorize(**{name: wish})
    shown = await visitor.browser.get(asked.headers["location"])
    assert f'<html lang="{page}">' in shown.text
    assert "code" in visitor.answer(await visitor.sign_in(asked, EMAIL))


async def test_oidcc_ensure_request_with_acr_values_succeeds(rp: RelyingParty) -> None:
    told = (await rp.browser.get("/.well-known/openid-configuration")).json()
    wanted = " ".join(told["acr_values_supported"])
    assert (await rp.tokens(acr_values=wanted))["claims"]["acr"]


async def test_oidcc_codereuse(rp: RelyingParty) -> None:
    code = rp.answer(await rp.authorize())["code"]
    assert (await rp.exchange(code)).status_code == 200
    again = await rp.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_oidcc_codereuse_30seconds(rp: RelyingParty, provider: Provider) -> None:
    """Time passes in the database, and what the code gave ends with its second use."""
    code = rp.answer(await rp.authorize())["code"]
    given = (await rp.exchange(code)).json()
    assert (await rp.userinfo(given["access_token"])).status_code == 200
    async with provider.database.unit_of_work(OPERATOR) as uow:
        used = "UPDATE identity.authorization_codes SET used_at = used_at - interval '30 seconds'"
        await uow.session.execute(text(used))
    again = await rp.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    ended = await rp.userinfo(given["access_token"])
    assert ended.status_code == 401
    assert 'error="invalid_token"' in ended.headers["www-authenticate"]


async def test_oidcc_ensure_registered_redirect_uri(rp: RelyingParty) -> None:
    rogue = f"{CALLBACK}/{secrets.token_hex(5)}"
    answer = await rp.authorize(redirect_uri=rogue)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")


async def test_oidcc_ensure_post_request_succeeds(rp: RelyingParty) -> None:
    answer = await rp.browser.post("/oauth2/authorize", data=rp.request())
    if rp.response_mode is None:
        assert answer.status_code == 303, "a browser must not post on what it was sent"
    assert "code" in rp.answer(answer)


async def test_oidcc_server_client_secret_post(rp: RelyingParty, provider: Provider) -> None:
    posting = RelyingParty(rp.browser, provider.post, rp.response_mode)
    assert (await posting.tokens())["claims"]["aud"] == provider.post.client_id


async def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    rp: RelyingParty,
) -> None:
    told = rp.answer(await rp.authorize(request_uri="https://rp.example/request.jwt"))
    assert told["error"] == "request_uri_not_supported"


async def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    rp: RelyingParty,
) -> None:
    told = rp.answer(await rp.authorize(request=unsigned(rp.request())))
    assert told["error"] == "request_not_supported"


async def test_oidcc_claims_essential(rp: RelyingParty) -> None:
    wish = {"userinfo": {"name": {"essential": True}}}
    claims = await claims_of(rp, claims=json.dumps(wish))
    assert claims == {"sub": claims["sub"], "name": "Amina Person"}


async def test_oidcc_ensure_request_object_with_redirect_uri(rp: RelyingParty) -> None:
    """Request objects are not supported, so the address in the query decides, and it is rogue."""
    request = unsigned({**rp.request(), "redirect_uri": CALLBACK})
    answer = await rp.authorize(redirect_uri=f"{CALLBACK}/rogue", request=request)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_oidcc_refresh_token(rp: RelyingParty, provider: Provider) -> None:
    given = await rp.tokens(scope="openid email")
    first = given["claims"]
    fields = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    answer = await rp.token(fields)
    assert answer.status_code == 200, answer.text
    renewed = answer.json()
    assert renewed["access_token"] != given["access_token"]
    assert renewed["refresh_token"] != given["refresh_token"]
    if "id_token" in renewed:
        claims = await rp.id_token(renewed["id_token"], renewed, renewed_nonce(renewed, rp))
        same = ("iss", "sub", "aud", "auth_time")
        assert [claims[name] for name in same] == [first[name] for name in same]
    told = await rp.userinfo(renewed["access_token"])
    assert told.json()["sub"] == first["sub"]
    other = RelyingParty(rp.browser, provider.second, rp.response_mode)
    fields["refresh_token"] = renewed["refresh_token"]
    refused = await other.token(fields)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_oidcc_ensure_request_with_valid_pkce_succeeds(rp: RelyingParty) -> None:
    code = rp.answer(await rp.authorize())["code"]
    assert (await rp.exchange(code)).status_code == 200
