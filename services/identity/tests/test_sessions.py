"""Signing in and out: what the form takes, what it gives away, and how often it may be tried."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from argon2 import extract_parameters
from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from services.identity.sessions.schemas import Cookies, is_from_own_page, next_address
from services.identity.sign_in_attempts.model import ANY_ACCOUNT, FAILURES_PER_NETWORK
from services.identity.sign_in_attempts.queries import get_attempts
from services.identity.tests.browser import Browser
from services.identity.tests.factories import OPERATOR, PASSWORD, a_user, letters_of, pass_time
from services.identity.tests.steps import failed_before
from services.identity.users.model import HASHER, NOBODY_S_HASH, hash_password


@pytest.fixture
async def browser(identity: FastAPI, transactions: Database) -> AsyncIterator[Browser]:
    """Give a browser at an application that knows Amina."""
    await a_user(transactions, "amina@moh.example", MOH="staff")
    async with Browser(identity) as browser:
        yield browser


async def test_the_right_password_opens_a_session_in_a_guarded_cookie(browser: Browser) -> None:
    answer = await browser.sign_in("AMINA@moh.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    cookie = next(
        value for value in answer.headers.get_list("set-cookie") if "bmms_session=" in value
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # the test's issuer is plain http on the loopback address
    assert "amina@moh.example" in (await browser.get("/account")).text


def test_with_https_cookies_are_secure_and_bound_to_the_host() -> None:
    cookies = Cookies.of("https://bmms.example")
    assert (cookies.session, cookies.is_secure) == ("__Host-bmms_session", True)


async def test_wrong_password_and_unknown_account_get_the_same_answer(browser: Browser) -> None:
    wrong = await browser.sign_in("amina@moh.example", "another long password")
    unknown = await browser.sign_in("nobody@moh.example", "another long password")
    assert wrong.status_code == unknown.status_code == 401
    assert told(wrong) == told(unknown).replace("nobody@", "amina@")
    assert "The e-mail address, user name or password is not right." in wrong.text
    assert "bmms_session" not in browser.cookies


async def test_the_tenth_failure_within_the_hour_is_told_to_the_owner_and_the_administrators(
    browser: Browser, transactions: Database, identity: FastAPI
) -> None:
    await a_user(transactions, "admin@moh.example", MOH="admin")
    amina = await a_user(transactions, "bai@moh.example", MOH="staff")
    for account in (str(amina.id), "nobody@moh.example"):
        await failed_before(transactions, f"alarm {account}", "*", 9)
    answers = [
        await browser.sign_in(login, "another long password")
        for login in ("bai@moh.example", "nobody@moh.example", "bai@moh.example")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert told(answers[0]) == told(answers[1]).replace("nobody@", "bai@")
    letters = await letters_of(transactions)
    assert [to for to, _ in letters] == ["bai@moh.example", "admin@moh.example"]
    assert letters[1][1]["email"] == "bai@moh.example"
    async with Browser(identity, address="198.51.100.1") as admin:
        await admin.tokens("admin@moh.example")
        asked = {"action": "sign_in.alarmed"}
        trail = await admin.get("/api/v1/moa/MOH/identity/audit-events", params=asked)
    assert [each["person_id"] for each in trail.json()["items"]] == [str(amina.id)]


def test_an_unknown_account_costs_as_much_as_a_known_one() -> None:
    assert extract_parameters(NOBODY_S_HASH) == extract_parameters(hash_password(PASSWORD))
    assert not HASHER.check_needs_rehash(NOBODY_S_HASH)


async def test_a_deactivated_account_gets_the_same_answer(
    browser: Browser, transactions: Database
) -> None:
    user = await a_user(transactions, "left@moh.example", MOH="staff")
    async with transactions.unit_of_work(user.as_person()) as uow:
        known = await uow.session.merge(user)
        known.deactivate("Left the service.", by=user.id, at=uow.now())
    answer = await browser.sign_in("left@moh.example")
    assert answer.status_code == 401
    assert "is not right" in answer.text


async def test_after_five_free_failures_waiting_doubles(browser: Browser) -> None:
    for _ in range(6):
        assert (await browser.sign_in("amina@moh.example", "wrong")).status_code == 401
    refused = await browser.sign_in("amina@moh.example")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert "Try again in" in refused.text


async def test_the_wait_holds_for_one_network_only(browser: Browser) -> None:
    for _ in range(7):
        await browser.sign_in("amina@moh.example", "wrong")
    async with Browser(browser.app, address="198.51.100.9") as elsewhere:
        assert (await elsewhere.sign_in("amina@moh.example")).status_code == 303


async def test_a_network_that_failed_too_often_waits_whatever_the_account(
    browser: Browser, transactions: Database
) -> None:
    async with transactions.unit_of_work(OPERATOR) as uow:
        everyone = await get_attempts(uow.session, ANY_ACCOUNT, "192.0.2.0/24", uow.now())
        everyone.failures = FAILURES_PER_NETWORK
    refused = await browser.sign_in("amina@moh.example")
    assert refused.status_code == 429
    async with Browser(browser.app, address="198.51.100.9") as elsewhere:
        assert (await elsewhere.sign_in("amina@moh.example")).status_code == 303


async def test_a_success_forgives(browser: Browser) -> None:
    for _ in range(5):
        await browser.sign_in("amina@moh.example", "wrong")
    assert (await browser.sign_in("amina@moh.example")).status_code == 303
    for _ in range(5):
        assert (await browser.sign_in("amina@moh.example", "wrong")).status_code == 401


async def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    for token in ("", "invented"):
        answer = await browser.sign_in("amina@moh.example", csrf_token=token)
        assert answer.status_code == 403
    assert "bmms_session" not in browser.cookies


async def test_a_form_from_another_site_is_refused(browser: Browser) -> None:
    browser.headers["sec-fetch-site"] = "cross-site"
    assert (await browser.sign_in("amina@moh.example")).status_code == 403


@pytest.mark.parametrize(
    ("site", "accepted"),
    [("same-origin", True), ("none", True), (None, True), ("same-site", False)],
)
def test_only_our_own_pages_count(site: str | None, *, accepted: bool) -> None:
    assert is_from_own_page(token="t", cookie="t", site=site) is accepted
    assert not is_from_own_page(token="", cookie=None, site=site)


@pytest.mark.parametrize(
    "continue_to",
    ["https://evil.example/", "//evil.example/", "/account/sign-out", "javascript:alert(1)", ""],
)
def test_signing_in_leads_nowhere_but_to_us(continue_to: str) -> None:
    assert next_address(continue_to) == "/account"


async def test_signing_in_again_ends_the_session_before(browser: Browser) -> None:
    await browser.sign_in("amina@moh.example")
    before = browser.cookies["bmms_session"]
    await browser.sign_in("amina@moh.example")
    assert browser.cookies["bmms_session"] != before
    assert await is_signed_out(browser, before)


async def test_a_session_planted_by_someone_else_is_worth_nothing(browser: Browser) -> None:
    await browser.sign_in("amina@moh.example")
    assert await is_signed_out(browser, "planted")


async def test_signing_out_ends_the_session(browser: Browser) -> None:
    await browser.sign_in("amina@moh.example")
    secret = browser.cookies["bmms_session"]
    answer = await browser.post("/account/sign-out", data=await browser.form())
    assert answer.status_code == 303
    assert "bmms_session" not in browser.cookies
    assert await is_signed_out(browser, secret)


@pytest.mark.parametrize("interval", ["31 minutes", "11 hours"])
async def test_a_session_ends_by_itself(
    browser: Browser, database: ServiceDatabase, interval: str
) -> None:
    await browser.sign_in("amina@moh.example")
    await pass_time(database, interval)
    assert (await browser.get("/account")).status_code == 303


async def test_the_page_is_small_local_and_labelled(browser: Browser) -> None:
    page = await browser.get("/account/sign-in")
    css = await browser.get("/static/identity/identity.css")
    assert css.status_code == 200
    assert len(page.content) + len(css.content) < 30_000
    assert '<html lang="en">' in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    for field in ("email", "password"):
        assert f'<label for="{field}">' in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"


async def test_the_form_may_lead_to_the_client_that_waits(browser: Browser) -> None:
    waiting = (await browser.authorize()).headers["location"]
    policy = (await browser.get(waiting)).headers["content-security-policy"]
    assert policy.endswith("form-action 'self' http://127.0.0.1")


async def test_what_was_typed_is_escaped(browser: Browser) -> None:
    answer = await browser.sign_in('"><script>alert(1)</script>')
    assert answer.status_code == 401
    assert "<script>" not in answer.text


async def test_an_unreadable_form_gets_a_page(browser: Browser) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    ours = await browser.form()
    for answer in (
        await browser.post("/account/sign-in", json={"email": "a"}),
        await browser.post("/account/sign-in", content=b"\xff\xfe", headers=form),
        await browser.post("/account/sign-in", data={**ours, "email": "a\x00b"}),
        await browser.post("/account/sign-in", data={**ours, "email": "a" * 300}),
        await browser.post("/account/sign-in", content=b"a=1&" * 40, headers=form),
    ):
        assert answer.status_code == 400
        assert "could not be read" in answer.text


def told(answer: httpx.Response) -> str:
    """Return a page without what is random on it."""
    return re.sub(r'data-options="[^"]*"|name="issued" value="[^"]*"', "", answer.text)


async def is_signed_out(browser: Browser, secret: str) -> bool:
    async with Browser(browser.app) as other:
        other.cookies.set("bmms_session", secret)
        return (await other.get("/account")).status_code == 303
