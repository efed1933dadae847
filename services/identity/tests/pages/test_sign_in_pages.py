"""Signing in as people do: by keyboard, by ear, on a small screen, in their language."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.async_api import Page

from libs.chassis.database import Database
from services.identity.tests.factories import PASSWORD, TOTP_SECRET, a_user
from services.identity.tests.pages.conftest import Site, a_browser, strangers

MOST_BYTES = 150 * 1024
SMALL = {"width": 360, "height": 740}


@pytest.fixture(autouse=True)
async def _well_behaved(site: Site) -> AsyncIterator[None]:
    """After every journey: nobody else was asked anything, and no policy was broken."""
    yield
    assert strangers(site) == []
    assert site.complaints == []


@pytest.fixture
async def amina(site: Site) -> None:
    await a_user(people(site), "amina@moh.example", MOH="staff")


def people(site: Site) -> Database:
    database: Database = site.app.state.database
    return database


async def sign_in(page: Page, email: str = "amina@moh.example") -> None:
    await page.goto("/account/sign-in")
    await page.fill("#email", email)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")


def path_of(page: Page) -> str:
    return urlsplit(page.url).path


@pytest.mark.usefixtures("amina")
async def test_one_signs_in_with_the_keyboard_alone(page: Page) -> None:
    await page.goto("/account/sign-in")
    await page.keyboard.type("amina@moh.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type("a wrong password")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".problems")
    assert (await page.title()).startswith("Problem: Sign in")
    assert await page.evaluate("document.activeElement.className") == "problems"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "email"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert await page.evaluate(outline) == "solid"
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Tab")
    assert "forgotten" in await page.evaluate("document.activeElement.href")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account")


@pytest.mark.usefixtures("amina")
async def test_a_screen_reader_hears_what_there_is_to_do(page: Page) -> None:
    await page.goto("/account/sign-in")
    heard = await page.locator("body").aria_snapshot()
    for said in (
        'link "Skip to the content"',
        'heading "Sign in" [level=1]',
        'textbox "E-mail address or user name"',
        'textbox "Password"',
        'link "I forgot my password"',
        'button "Sign in"',
        'button "Sign in with a passkey"',
        "contentinfo:",
        "banner:",
        "main:",
    ):
        assert said in heard, heard
    await page.fill("#email", "amina@moh.example")
    await page.fill("#password", "a wrong password")
    await page.click("main button[type=submit]")
    heard = await page.locator("main").aria_snapshot()
    assert "- alert:" in heard
    email = page.locator("#email")
    assert await email.get_attribute("aria-invalid") == "true"
    described = await email.get_attribute("aria-describedby")
    assert "not right" in await page.inner_text(f"#{described}")


@pytest.mark.usefixtures("amina")
async def test_every_page_is_small_legible_and_easy_to_hit(site: Site) -> None:
    async with a_browser(site, viewport=SMALL) as context:
        page = await context.new_page()
        await look_at(page, "/account/sign-in", "/account/forgotten-password")
        await sign_in(page)
        await look_at(
            page,
            "/account",
            "/account/sign-in-methods",
            "/account/authenticator",
            "/account/passkey",
            "/account/password",
            "/account/sessions",
            "/account/consents",
            "/account/confirm",
        )


async def look_at(page: Page, *addresses: str) -> None:
    """Weigh a page as a new browser would load it, and measure what is on it."""
    for address in addresses:
        received: list[int] = []
        page.on("response", lambda got, kept=received: kept.append(_size(got.headers)))
        await page.goto(address)
        assert sum(received) + len(await page.content()) < MOST_BYTES, address
        found = await page.evaluate(MEASURE)
        assert found["narrowest"] >= 16, (address, found)
        assert found["short"] == [], (address, found)
        assert found["unlabelled"] == [], (address, found)
        assert found["wide"] <= SMALL["width"], address
        assert found["lang"] == "en"


def _size(headers: dict[str, str]) -> int:
    return int(headers.get("content-length", 0))


MEASURE = """() => {
  const seen = (each) => each.offsetParent !== null && !each.matches('.away, .skip, [type=hidden]');
  const all = [...document.body.querySelectorAll('*')].filter(seen);
  const hit = all.filter((each) => each.matches('button, .button, input, select, summary,'
    + ' nav a, footer a, .choices a, .aside a'));
  return {
    lang: document.documentElement.lang,
    wide: document.documentElement.scrollWidth,
    narrowest: Math.min(...all.map((each) => parseFloat(getComputedStyle(each).fontSize))),
    short: hit.filter((each) => each.getBoundingClientRect().height < 44)
      .map((each) => each.outerHTML.slice(0, 80)),
    unlabelled: all.filter((each) => each.matches('input, select') && !each.labels.length)
      .map((each) => each.name),
  };
}"""


async def test_filipino_is_spoken_to_who_wants_it_and_to_who_chooses_it(site: Site) -> None:
    await a_user(people(site), "amina@moh.example", MOH="staff")
    async with a_browser(site, locale="fil-PH") as context:
        page = await context.new_page()
        await page.goto("/account/sign-in")
        assert await page.inner_text("h1") == "Mag-sign in"
        assert await page.get_attribute("html", "lang") == "fil"
        await page.click("footer a")
        assert await page.inner_text("h1") == "Sign in"
        await page.reload()
        await page.goto("/account/forgotten-password")
        assert await page.inner_text("h1") == "Forgotten password"
        await sign_in(page)
        await page.select_option("#language", "fil")
        await page.click("main button[type=submit]")
        assert await page.inner_text("h1") == "Aking account"


@pytest.mark.usefixtures("amina")
async def test_without_javascript_everything_but_passkeys_works(site: Site) -> None:
    await a_user(people(site), "boss@moh.example", MOH=("manager", "can_approve_plans"))
    async with a_browser(site, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto("/account/sign-in")
        assert not await page.locator("text=Sign in with a passkey").is_visible()
        await sign_in(page, "boss@moh.example")
        assert path_of(page) == "/account/second-factor"
        await page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
        await page.click("main button[type=submit]")
        assert path_of(page) == "/account"


@pytest.mark.usefixtures("amina")
async def test_an_app_is_set_up_used_and_replaced_by_a_spare_code(page: Page) -> None:
    await sign_in(page)
    await page.goto("/account/authenticator")
    assert await page.locator(".qr svg").is_visible()
    key = (await page.inner_text(".key")).replace(" ", "")
    await page.fill("#code", "000000")
    await page.click("main button[type=submit]")
    assert "code is not right" in await page.inner_text(".problems")
    assert (await page.inner_text(".key")).replace(" ", "") == key
    now = int(time.time()) // 30
    await page.fill("#code", pyotp.HOTP(key).at(now))
    await page.click("main button[type=submit]")
    codes = await page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", code) for code in codes)
    await page.click("text=I have kept them safe")
    await page.click("nav button")
    await sign_in(page)
    assert path_of(page) == "/account/second-factor"
    await page.fill("#code", codes[3].upper().replace("-", " "))
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/account")
    await page.goto("/account/sign-in-methods")
    assert "9 of 10" in await page.inner_text("main")


async def test_a_passkey_is_made_signs_in_alone_and_is_removed(site: Site, page: Page) -> None:
    await a_user(people(site), "amina@moh.example", MOH="staff")
    await with_authenticator(page)
    await sign_in(page)
    await page.goto("/account/sign-in-methods")
    await page.click("text=Add a passkey")
    await page.fill("#name", "Office laptop")
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/account/sign-in-methods")
    assert "Office laptop" in await page.inner_text("main")
    await page.click("nav button")
    await page.wait_for_url("**/account/sign-in")
    await page.click("text=Sign in with a passkey")
    await page.wait_for_url("**/account")
    await page.click("nav button")
    await sign_in(page)
    assert path_of(page) == "/account/second-factor"
    await page.click("text=Use a passkey")
    await page.wait_for_url("**/account")
    await page.goto("/account/confirm?continue=/account/sign-in-methods")
    await page.click("text=Use a passkey")
    await page.wait_for_url("**/account/sign-in-methods")
    await page.click("text=Remove")
    assert "None yet." in await page.inner_text("main")


@pytest.mark.usefixtures("amina")
async def test_a_passkey_that_says_nothing_is_told_in_words(page: Page) -> None:
    await with_authenticator(page, answers=False)
    await page.goto("/account/sign-in")
    await page.click("text=Sign in with a passkey")
    says = page.locator(".passkey-says")
    await says.filter(has_text="Nothing came from your passkey").wait_for()
    assert await says.get_attribute("role") == "status"


async def with_authenticator(page: Page, *, answers: bool = True) -> None:
    """Plug in a virtual authenticator that knows its owner (WebDriver, virtual authenticators)."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": answers,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_who_must_have_a_second_step_sets_it_up_before_anything_else(
    site: Site, page: Page
) -> None:
    await a_user(
        people(site), "boss@moh.example", has_factor=False, MOH=("manager", "can_approve_plans")
    )
    await sign_in(page, "boss@moh.example")
    assert path_of(page) == "/account/enrolment"
    await page.goto("/account")
    assert path_of(page) == "/account/enrolment"
    await page.click("text=Authenticator app")
    key = (await page.inner_text(".key")).replace(" ", "")
    await page.fill("#code", pyotp.TOTP(key).now())
    await page.click("main button[type=submit]")
    await page.click("text=I have kept them safe")
    await page.goto("/account")
    assert path_of(page) == "/account"
