"""The steps of a sign-in as an attacker or a person takes them, one request at a time."""

from __future__ import annotations

import re
import time

import httpx
import pyotp

from libs.chassis.database import Database
from services.identity.sign_in_attempts.model import account_digest
from services.identity.sign_in_attempts.queries import get_attempts
from services.identity.tests.browser import Browser, hidden_fields
from services.identity.tests.factories import OPERATOR, PASSWORD, TOTP_SECRET, letters_of

BOSS, AMINA = "boss@moh.example", "amina@moh.example"
NEW_PASSWORD = "eleven carabaos dance near Jolo"


async def failed_before(database: Database, account: str, bucket: str, failures: int) -> None:
    """Let failures have happened, so that the next wait is too long to end while a test runs."""
    async with database.unit_of_work(OPERATOR) as uow:
        attempts = await get_attempts(uow.session, account_digest(account), bucket, uow.now())
        attempts.failures = failures
        attempts.recent = [uow.now()] * failures


async def enter(browser: Browser, code: str) -> httpx.Response:
    page = await browser.get("/account/second-factor")
    data = {**hidden_fields(page.text), "code": code}
    return await browser.post("/account/second-factor", data=data)


async def is_in(browser: Browser) -> bool:
    return (await browser.get("/account")).status_code == 200


def a_code(drift: int = 0) -> str:
    return pyotp.HOTP(TOTP_SECRET).at(int(time.time()) // 30 + drift)


def told(answer: httpx.Response) -> str:
    """Return a page without what is random on it."""
    return re.sub(r'data-options="[^"]*"|name="(issued|csrf_token)" value="[^"]*"', "", answer.text)


async def confirm(browser: Browser, password: str = PASSWORD) -> httpx.Response:
    page = await browser.get("/account/confirm")
    data = {**hidden_fields(page.text), "password": password}
    return await browser.post("/account/confirm", data=data)


async def ask_link(browser: Browser, login: str) -> httpx.Response:
    page = await browser.get("/account/forgotten-password")
    data = {**hidden_fields(page.text), "email": login}
    return await browser.post("/account/forgotten-password", data=data)


async def link_of(browser: Browser, transactions: Database, login: str) -> str:
    await ask_link(browser, login)
    return (await letters_of(transactions))[-1][1]["link"].split("secret=")[1]


async def use_link(browser: Browser, secret: str, password: str = NEW_PASSWORD) -> httpx.Response:
    hidden = await browser.form()
    data = {**hidden, "secret": secret, "new_password": password}
    return await browser.post("/account/reset-password", data=data)


async def sessions_of(browser: Browser) -> str:
    return (await browser.get("/account/sessions")).text
