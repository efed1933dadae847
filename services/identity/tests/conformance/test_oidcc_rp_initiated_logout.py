"""oidcc-rp-initiated-logout-certification-test-plan: its modules, each under its public name.

Requests carry PKCE with S256 throughout, which this provider demands of every client.
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact

from services.identity.tests.browser import ISSUER
from services.identity.tests.conformance.conftest import EMAIL, Provider
from services.identity.tests.relying_party import AFTER_LOGOUT, RelyingParty

STATE = "a state & more"


async def sign_out(rp: RelyingParty, **parameters: str) -> httpx.Response:
    """Send the browser to the end-session endpoint."""
    return await rp.browser.get("/oauth2/logout", params=parameters)


async def is_signed_in(rp: RelyingParty) -> bool:
    """Ask without a page whether the person is still signed in."""
    told = rp.answer(await rp.authorize(prompt="none"))
    assert told.get("error") in (None, "login_required")
    return "code" in told


def went_back(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters with which the browser came to the client's address."""
    assert answer.status_code == 303, (answer.status_code, answer.text)
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == AFTER_LOGOUT
    return dict(parse_qsl(address.query))


def asks(answer: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of the page that asks whether to sign out."""
    assert answer.status_code == 200
    assert "<h1>Sign out?</h1>" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    return {name: unescape(value) for name, value in fields}


async def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(
    visitor: RelyingParty,
) -> None:
    told = (await visitor.browser.get("/.well-known/openid-configuration")).json()
    assert told["end_session_endpoint"] == f"{ISSUER}/oauth2/logout"


async def test_oidcc_rp_initiated_logout(rp: RelyingParty) -> None:
    given = await rp.tokens()
    answer = await sign_out(
        rp, id_token_hint=given["id_token"], post_logout_redirect_uri=AFTER_LOGOUT, state=STATE
    )
    assert went_back(answer) == {"state": STATE}
    assert not await is_signed_in(rp)
    refreshed = await rp.token(
        {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    )
    assert refreshed.json()["error"] == "invalid_grant"


async def test_oidcc_rp_initiated_logout_by_post_without_the_browsers_cookie(
    rp: RelyingParty,
) -> None:
    """A form that another site sends brings no cookie (SameSite); the token names the session."""
    given = await rp.tokens()
    fields = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": AFTER_LOGOUT}
    async with rp.alone() as cookieless:
        went_back(await cookieless.post("/oauth2/logout", data=fields))
    assert not await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(rp: RelyingParty) -> None:
    given = await rp.tokens()
    answer = await sign_out(
        rp,
        id_token_hint=given["id_token"],
        post_logout_redirect_uri="https://rp.example/elsewhere",
        state=STATE,
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(
    rp: RelyingParty,
) -> None:
    given = await rp.tokens()
    answer = await sign_out(
        rp,
        id_token_hint=given["id_token"],
        post_logout_redirect_uri=f"{AFTER_LOGOUT}?foo=bar",
        state=STATE,
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers


def modified(id_token: str) -> str:
    """Return an id token with another signature."""
    head, body, signature = id_token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def signed_by_another(id_token: str) -> str:
    """Return an id token with the same claims, signed by somebody else's key of the same name."""
    token = extract_compact(id_token.encode())
    claims: dict[str, Any] = json.loads(token.payload)
    kid = token.headers()["kid"]
    key = ECKey.generate_key("P-256", {"kid": kid})
    return jwt.encode({"alg": "ES256", "kid": kid}, claims, key, algorithms=["ES256"])


async def test_oidcc_rp_initiated_logout_modified_id_token_hint(rp: RelyingParty) -> None:
    given = await rp.tokens()
    answer = await sign_out(
        rp,
        id_token_hint=modified(given["id_token"]),
        post_logout_redirect_uri=AFTER_LOGOUT,
        state=STATE,
    )
    assert asks(answer)["post_logout_redirect_uri"] == ""
    assert await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_bad_id_token_hint(rp: RelyingParty) -> None:
    given = await rp.tokens()
    answer = await sign_out(
        rp,
        id_token_hint=signed_by_another(given["id_token"]),
        post_logout_redirect_uri=AFTER_LOGOUT,
        state=STATE,
    )
    assert asks(answer)["post_logout_redirect_uri"] == ""
    assert await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_no_id_token_hint(rp: RelyingParty) -> None:
    """The person decides; without the client's name the browser goes nowhere afterwards."""
    await rp.tokens()
    answer = await sign_out(rp, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
    fields = asks(answer)
    assert await is_signed_in(rp)
    done = await rp.browser.post("/oauth2/logout/confirm", data=fields)
    assert done.status_code == 200
    assert "You are signed out" in done.text
    assert not await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_no_id_token_hint_but_the_clients_id(
    rp: RelyingParty,
) -> None:
    await rp.tokens()
    answer = await sign_out(
        rp,
        client_id=rp.client.client_id,
        post_logout_redirect_uri=AFTER_LOGOUT,
        state=STATE,
    )
    assert "A relying party asks to sign you out" in answer.text
    done = await rp.browser.post("/oauth2/logout/confirm", data=asks(answer))
    assert went_back(done) == {"state": STATE}
    assert not await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_no_params(rp: RelyingParty) -> None:
    await rp.tokens()
    asks(await sign_out(rp))
    assert await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(rp: RelyingParty) -> None:
    given = await rp.tokens()
    answer = await sign_out(rp, id_token_hint=given["id_token"], state=STATE)
    assert answer.status_code == 200
    assert "You are signed out" in answer.text
    assert not await is_signed_in(rp)


async def test_oidcc_rp_initiated_logout_no_state(rp: RelyingParty) -> None:
    given = await rp.tokens()
    answer = await sign_out(
        rp, id_token_hint=given["id_token"], post_logout_redirect_uri=AFTER_LOGOUT
    )
    assert went_back(answer) == {}
    assert answer.headers["location"] == AFTER_LOGOUT


async def test_oidcc_rp_initiated_logout_only_state(rp: RelyingParty) -> None:
    await rp.tokens()
    asks(await sign_out(rp, state=STATE))
    assert await is_signed_in(rp)


async def test_a_token_of_someone_else_signs_nobody_out(
    rp: RelyingParty, provider: Provider
) -> None:
    given = await rp.tokens()
    answer = await sign_out(
        rp, id_token_hint=given["id_token"], client_id=provider.second.client_id
    )
    assert answer.status_code == 400
    assert await is_signed_in(rp)


@pytest.mark.parametrize("token", ["", "stolen"])
async def test_the_confirmation_is_taken_from_its_own_page_alone(
    rp: RelyingParty, token: str
) -> None:
    await rp.tokens()
    fields = {**asks(await sign_out(rp)), "csrf_token": token}
    refused = await rp.browser.post("/oauth2/logout/confirm", data=fields)
    assert refused.status_code == 403
    assert await is_signed_in(rp)


async def test_the_access_token_is_no_id_token_hint(rp: RelyingParty) -> None:
    given = await rp.tokens()
    asks(await sign_out(rp, id_token_hint=given["access_token"]))
    asks(await sign_out(rp, id_token_hint="not a token"))
    assert (await rp.browser.sign_in(EMAIL)).status_code == 303
