"""Attacks on what a person shows, each named after the clause of ASVS 5.0 that forbids it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from services.identity.credentials.usecases import renew_recovery_codes
from services.identity.sign_ins.model import factor_account
from services.identity.tests.browser import Browser
from services.identity.tests.factories import PASSWORD, letters_of, pass_time
from services.identity.tests.steps import (
    AMINA,
    BOSS,
    NEW_PASSWORD,
    a_code,
    ask_link,
    enter,
    failed_before,
    is_in,
    link_of,
    use_link,
)
from services.identity.users.model import User


async def test_asvs_6_5_1_a_code_of_the_app_opens_once(halfway: Browser, identity: FastAPI) -> None:
    code = a_code()
    assert (await enter(halfway, code)).status_code == 303
    async with Browser(identity) as thief:
        fields = {**await thief.form(), "email": BOSS, "password": PASSWORD}
        await thief.post("/account/sign-in", data=fields)
        assert (await enter(thief, code)).status_code == 401
        assert (await enter(thief, a_code(-1))).status_code == 401, "older than one that was used"
        assert not await is_in(thief)


async def test_asvs_6_5_5_codes_of_another_time_open_nothing(halfway: Browser) -> None:
    for drift in (-3, 3):
        assert (await enter(halfway, a_code(drift))).status_code == 401


@pytest.mark.parametrize("odd", ["", "12345", "1234567", "\uff11\uff12\uff13456", "abcdef"])
async def test_asvs_6_5_1_what_is_no_code_is_refused(halfway: Browser, odd: str) -> None:
    assert (await enter(halfway, odd)).status_code == 401


async def test_asvs_6_6_3_six_digits_cannot_be_tried_through(
    halfway: Browser, identity: FastAPI, transactions: Database, boss: User
) -> None:
    await failed_before(transactions, factor_account(boss.id), "*", 10)
    assert (await enter(halfway, "000000")).status_code == 401
    assert (await enter(halfway, a_code())).status_code == 429
    async with Browser(identity, address="198.51.100.7") as elsewhere:
        fields = {**await elsewhere.form(), "email": BOSS, "password": PASSWORD}
        await elsewhere.post("/account/sign-in", data=fields)
        assert (await enter(elsewhere, a_code())).status_code == 429, "whatever the network"


async def test_asvs_6_5_1_a_spare_code_opens_once(
    halfway: Browser, identity: FastAPI, transactions: Database, boss: User
) -> None:
    async with transactions.unit_of_work(boss.as_person()) as uow:
        codes = await renew_recovery_codes(uow, boss.id)
    assert (await enter(halfway, codes[0])).status_code == 303
    async with Browser(identity) as thief:
        fields = {**await thief.form(), "email": BOSS, "password": PASSWORD}
        await thief.post("/account/sign-in", data=fields)
        assert (await enter(thief, codes[0])).status_code == 401
        assert (await enter(thief, codes[1])).status_code == 303


async def test_asvs_6_4_3_a_link_sets_one_password_and_ends_every_session(
    identity: FastAPI, browser: Browser, transactions: Database, amina: User
) -> None:
    async with Browser(identity) as thief:
        await thief.sign_in(AMINA)
        assert await is_in(thief)
        secret = await link_of(browser, transactions, AMINA)
        spare = await link_of(browser, transactions, AMINA)
        assert (await use_link(browser, secret)).status_code == 200
        assert not await is_in(thief)
    assert (await use_link(browser, secret, "seven lanterns over Lake Lanao")).status_code == 404
    assert (await use_link(browser, spare, "seven lanterns over Lake Lanao")).status_code == 404
    assert (await browser.sign_in(AMINA)).status_code == 401
    assert (await browser.sign_in(AMINA, NEW_PASSWORD)).status_code == 303


async def test_asvs_6_4_3_a_link_is_no_way_round_the_second_step(
    browser: Browser, transactions: Database, boss: User
) -> None:
    secret = await link_of(browser, transactions, BOSS)
    await use_link(browser, secret)
    fields = {**await browser.form(), "email": BOSS, "password": NEW_PASSWORD}
    answer = await browser.post("/account/sign-in", data=fields)
    assert answer.headers["location"] == "/account/second-factor"


async def test_asvs_6_4_3_a_link_is_over_after_an_hour_and_nobody_is_flooded(
    browser: Browser, transactions: Database, database: ServiceDatabase, amina: User
) -> None:
    secret = await link_of(browser, transactions, AMINA)
    for _ in range(4):
        await ask_link(browser, AMINA)
    assert len(await letters_of(transactions)) == 3
    await pass_time(database, "61 minutes")
    assert (await use_link(browser, secret)).status_code == 404


async def test_asvs_6_2_a_new_password_is_long_uncommon_and_new(
    browser: Browser, transactions: Database, amina: User
) -> None:
    secret = await link_of(browser, transactions, AMINA)
    for bad in ("too short", "passwordpassword", "Amina.Person.2026!", PASSWORD):
        answer = await use_link(browser, secret, bad)
        assert answer.status_code == 422, bad
    assert (await use_link(browser, secret)).status_code == 200
