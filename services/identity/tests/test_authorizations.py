"""The authorization endpoint: whom it gives a code, and for which organization."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from libs.chassis.database import Database
from services.identity.tests.browser import ISSUER, Browser, sent_back
from services.identity.tests.conftest import Start
from services.identity.tests.factories import a_user


@pytest.fixture
async def member(transactions: Database, browser: Browser) -> None:
    await a_user(transactions, "amina@moh.example", MOH="staff", MOLE="viewer")
    assert (await browser.sign_in("amina@moh.example")).status_code == 303


@pytest.mark.usefixtures("member")
async def test_a_member_gets_a_code_with_state_and_issuer(browser: Browser) -> None:
    back = sent_back(await browser.authorize())
    assert len(back["code"]) >= 40
    assert (back["state"], back["iss"]) == ("some state", ISSUER)


async def test_nobody_signed_in_is_sent_to_the_form_and_comes_back(
    transactions: Database, browser: Browser
) -> None:
    await a_user(transactions, "amina@moh.example", MOH="staff")
    answer = await browser.authorize(prompt="login")
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert address.path == "/account/sign-in"
    continue_to = dict(parse_qsl(address.query))["continue"]
    assert continue_to.startswith("/oauth2/authorize?")
    assert "prompt" not in continue_to
    signed_in = await browser.sign_in("amina@moh.example", **{"continue": continue_to})
    assert signed_in.headers["location"] == continue_to
    assert "code" in sent_back(await browser.get(continue_to))


WITHOUT_PKCE = [
    ({"code_challenge": None, "code_challenge_method": None}, "Missing 'code_challenge'"),
    ({"code_challenge_method": None}, "Missing 'code_challenge_method'"),
    ({"code_challenge_method": "plain"}, "Unsupported 'code_challenge_method'"),
    ({"code_challenge": "short"}, "Invalid 'code_challenge'"),
]


@pytest.mark.usefixtures("member")
async def test_pkce_with_s256_is_always_required(browser: Browser) -> None:
    for changes, description in WITHOUT_PKCE:
        back = sent_back(await browser.authorize(**changes))
        assert "code" not in back
        assert (back["error"], back["error_description"]) == ("invalid_request", description)
        assert back["iss"] == ISSUER


NOT_REGISTERED = [
    "http://127.0.0.1/callback/",
    "http://127.0.0.1/callback?x=1",
    "http://127.0.0.1:9999/callback",
    "https://evil.example/callback",
    "javascript:alert(1)",
    'http://127.0.0.1/callback"><script>',
    None,
]


@pytest.mark.usefixtures("member")
async def test_an_address_that_is_not_registered_gets_nothing(browser: Browser) -> None:
    for redirect_uri in NOT_REGISTERED:
        answer = await browser.authorize(redirect_uri=redirect_uri)
        assert answer.status_code == 400, redirect_uri
        assert "location" not in answer.headers
        assert "<script>" not in answer.text


@pytest.mark.usefixtures("member")
async def test_an_unknown_client_gets_a_page(browser: Browser) -> None:
    answer = await browser.authorize(client_id="stranger")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.usefixtures("member")
async def test_a_parameter_that_comes_twice_is_refused(browser: Browser) -> None:
    answer = await browser.get("/oauth2/authorize?client_id=bmms-cli&client_id=bmms-web")
    assert answer.status_code == 400
    assert "more than once" in answer.text


@pytest.mark.usefixtures("member")
async def test_another_response_type_goes_back_as_an_error(browser: Browser) -> None:
    back = sent_back(await browser.authorize(response_type="token"))
    assert back["error"] == "unsupported_response_type"


@pytest.mark.usefixtures("member")
async def test_a_foreign_organization_is_refused_like_an_unknown_one(browser: Browser) -> None:
    for code in ("MAFAR", "NOSUCH", "moh", "OCM"):
        back = sent_back(await browser.authorize(organization=code))
        assert back["error"] == "access_denied"
        assert back["error_description"] == "You do not act for this organization."


async def test_prompt_none_without_a_session_is_login_required(browser: Browser) -> None:
    back = sent_back(await browser.authorize(prompt="none"))
    assert back["error"] == "login_required"


@pytest.mark.usefixtures("member")
async def test_max_age_asks_for_a_fresh_sign_in_until_there_is_one(browser: Browser) -> None:
    answer = await browser.authorize(max_age="0")
    assert answer.status_code == 303
    for _ in range(2):
        continue_to = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["continue"]
        answer = await browser.get(continue_to)
        assert answer.status_code == 303, "coming back without signing in is not enough"
    continue_to = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["continue"]
    await browser.sign_in("amina@moh.example", **{"continue": continue_to})
    assert "code" in sent_back(await browser.get(continue_to))
    assert (await browser.get(continue_to)).status_code == 400, "a request is answered once"


@pytest.mark.usefixtures("member")
async def test_the_organization_of_last_time_is_offered_first(browser: Browser) -> None:
    waiting = {"continue": "/oauth2/authorize?client_id=bmms-cli"}

    async def offered() -> list[str]:
        page = await browser.get("/account/organization", params=waiting)
        return re.findall(r"organization=([A-Z]+)\"", page.text)

    assert await offered() == ["MOH", "MOLE"]
    assert "code" in sent_back(await browser.authorize(organization="MOLE"))
    assert await offered() == ["MOLE", "MOH"]


async def test_someone_without_an_organization_gets_no_code_but_a_page(
    transactions: Database, browser: Browser
) -> None:
    await a_user(transactions, "nobody@moh.example")
    answer = await browser.sign_in("nobody@moh.example")
    assert answer.status_code == 403
    assert "does not belong to any organization" in answer.text


async def test_without_switching_only_the_primary_organization_is_open(start: Start) -> None:
    app = await start(allow_organization_switching=False)
    await a_user(app.state.database, "amina@moh.example", MOH="staff", MOLE="viewer")
    async with Browser(app) as browser:
        await browser.sign_in("amina@moh.example")
        assert "code" in sent_back(await browser.authorize(organization="MOH"))
        back = sent_back(await browser.authorize(organization="MOLE"))
    assert back["error"] == "access_denied"


async def test_in_obcms_mode_a_page_tells_members_of_others_why_not(start: Start) -> None:
    app = await start("obcms")
    await a_user(app.state.database, "amina@moh.example", MOH="staff")
    async with Browser(app) as browser:
        answer = await browser.sign_in("amina@moh.example")
        assert answer.status_code == 403
        assert "This system serves one organization" in answer.text
        assert not [name for name in browser.cookies if name.endswith("session")]


async def test_in_obcms_mode_no_other_organization_can_be_chosen(start: Start) -> None:
    app = await start("obcms")
    await a_user(app.state.database, "omar@oobc.example", MOH="admin", OOBC="staff")
    async with Browser(app) as browser:
        await browser.sign_in("omar@oobc.example")
        refused = await browser.authorize(organization="MOH")
        assert refused.status_code == 403
        assert "It serves OOBC." in refused.text
        given = await browser.tokens("omar@oobc.example")
    assert given["token_type"] == "Bearer"


async def test_discovery_names_what_is_there_and_nothing_weaker(browser: Browser) -> None:
    told = (await browser.get("/.well-known/openid-configuration")).json()
    assert told == (await browser.get("/.well-known/oauth-authorization-server")).json()
    assert told["issuer"] == ISSUER
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert told["id_token_signing_alg_values_supported"] == ["ES256"]
    assert told["authorization_response_iss_parameter_supported"] is True
