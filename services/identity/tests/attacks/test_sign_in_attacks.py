"""Attacks on the way in, each named after the clause of ASVS 5.0 that forbids it."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from services.identity.memberships.queries import find_membership_of
from services.identity.organizations.queries import find_organization_by_code
from services.identity.organizations.usecases import acting_within
from services.identity.sign_in_attempts.usecases import note_failure
from services.identity.sign_outs.usecases import end_sessions
from services.identity.tests.browser import Browser, hidden_fields
from services.identity.tests.factories import OPERATOR, PASSWORD, letters_of, pass_time
from services.identity.tests.steps import (
    AMINA,
    BOSS,
    NEW_PASSWORD,
    a_code,
    ask_link,
    confirm,
    enter,
    failed_before,
    is_in,
    sessions_of,
    told,
)
from services.identity.users import usecases as users
from services.identity.users.model import User

FORMS = (
    "/account/sign-in",
    "/account/sign-in/passkey",
    "/account/second-factor",
    "/account/second-factor/passkey",
    "/account/sign-out",
    "/account/language",
    "/account/password",
    "/account/new-password",
    "/account/confirm",
    "/account/confirm/passkey",
    "/account/authenticator",
    "/account/authenticator/remove",
    "/account/passkey",
    "/account/recovery-codes",
    "/account/sessions/end-others",
    "/account/forgotten-password",
    "/account/reset-password",
    "/account/invitation",
    "/account/registration",
)


async def test_asvs_3_5_1_no_form_is_taken_from_another_site(browser: Browser, amina: User) -> None:
    await browser.sign_in(AMINA)
    token = (await browser.form())["csrf_token"]
    for path in FORMS:
        for fields, headers in (
            ({}, {}),
            ({"csrf_token": "guessed"}, {}),
            ({"csrf_token": token}, {"sec-fetch-site": "cross-site"}),
            ({"csrf_token": token}, {"sec-fetch-site": "same-site"}),
            ({"csrf_token": token}, {"origin": "https://evil.example"}),
            ({"csrf_token": token}, {"origin": "null"}),
        ):
            answer = await browser.post(path, data=fields, headers=headers)
            assert answer.status_code in (400, 403), (path, fields, headers)
    assert await is_in(browser)


async def test_asvs_3_5_1_every_form_of_the_account_was_tried(identity: FastAPI) -> None:
    posts = {
        context.original_route.path
        for context in iter_route_contexts(identity.routes)
        if context.original_route.path.startswith("/account")
        and "POST" in context.original_route.methods
    }
    assert {path for path in posts if "{" not in path} == set(FORMS)


async def test_asvs_7_2_4_a_session_planted_beforehand_is_worth_nothing(
    browser: Browser, amina: User
) -> None:
    browser.cookies.set("bmms_session", "planted", domain="localhost.local")
    await browser.sign_in(AMINA)
    async with Browser(browser.app) as thief:
        thief.cookies.set("bmms_session", "planted")
        assert not await is_in(thief)


async def test_asvs_7_2_4_every_step_up_takes_a_new_secret_and_the_old_one_ends(
    halfway: Browser,
) -> None:
    before = halfway.cookies["bmms_session"]
    assert (await enter(halfway, a_code())).status_code == 303
    after = halfway.cookies["bmms_session"]
    assert before != after
    async with Browser(halfway.app) as thief:
        thief.cookies.set("bmms_session", before)
        assert not await is_in(thief)
    again = await confirm(halfway)
    assert again.status_code == 303
    assert halfway.cookies["bmms_session"] not in (before, after)


async def test_asvs_6_3_4_a_password_alone_opens_nothing_where_more_is_asked(
    halfway: Browser,
) -> None:
    assert not await is_in(halfway)
    waiting = await halfway.authorize()
    assert waiting.headers["location"].startswith("/account/sign-in")
    for path in ("/account/authenticator", "/account/passkey", "/account/password"):
        assert (await halfway.get(path)).headers["location"].startswith("/account/second-factor")
    hidden = hidden_fields((await halfway.get("/account/second-factor")).text)
    answer = await halfway.post("/account/authenticator", data={**hidden, "code": a_code()})
    assert answer.headers["location"].startswith("/account/second-factor")


async def test_asvs_6_3_8_nobody_learns_which_accounts_exist(
    browser: Browser, amina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[str] = []
    real = users.is_password

    def counted(password: str, stored: str) -> bool:
        work.append(stored.split("$")[3])
        return real(password, stored)

    monkeypatch.setattr(users, "is_password", counted)
    answers = [
        await browser.sign_in(login, "not the password") for login in (AMINA, "no@a.example")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert told(answers[0]) == told(answers[1]).replace("no@a.example", AMINA)
    assert len(work) == 2
    assert len(set(work)) == 1, "the same cost for both"


async def test_asvs_6_3_8_a_forgotten_password_tells_nothing_either(
    browser: Browser, transactions: Database, amina: User
) -> None:
    pages = [told(await ask_link(browser, login)) for login in (AMINA, "no@moh.example")]
    assert pages[0] == pages[1]
    assert [address for address, _ in await letters_of(transactions)] == [AMINA]


async def test_asvs_6_3_1_guessing_from_one_address_soon_has_to_wait(
    browser: Browser, transactions: Database, amina: User
) -> None:
    await failed_before(transactions, str(amina.id), "192.0.2.0/24", 10)
    assert (await browser.sign_in(AMINA, "a last guess")).status_code == 401
    refused = await browser.sign_in(AMINA)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 4


async def test_asvs_6_3_1_guessing_many_accounts_from_one_network_ends_at_a_hundred(
    identity: FastAPI, transactions: Database, amina: User
) -> None:
    async with transactions.unit_of_work(OPERATOR) as uow:
        for _ in range(99):
            await note_failure(uow, "192.0.2.0/24")
    async with Browser(identity, address="192.0.2.99") as guesser:
        assert (await guesser.sign_in("one@a.example", "a guess")).status_code == 401
        assert (await guesser.sign_in("another@a.example", "a guess")).status_code == 429
        assert (await guesser.sign_in(AMINA)).status_code == 429
    async with Browser(identity, address="198.51.100.7") as elsewhere:
        assert (await elsewhere.sign_in(AMINA)).status_code == 303


async def test_asvs_6_3_1_guesses_at_once_are_all_counted(
    identity: FastAPI, transactions: Database, amina: User
) -> None:
    await failed_before(transactions, str(amina.id), "192.0.2.0/24", 10)
    async with AsyncExitStack() as stack:
        guessers = [await stack.enter_async_context(Browser(identity)) for _ in range(5)]
        forms = [await each.form() for each in guessers]
        wrong = {"email": AMINA, "password": "a wrong password"}
        answers = await asyncio.gather(
            *(
                each.post("/account/sign-in", data={**form, **wrong})
                for each, form in zip(guessers, forms, strict=True)
            )
        )
    assert sorted(each.status_code for each in answers) == [401] + [429] * 4


async def test_asvs_6_1_1_a_stranger_cannot_lock_anyone_out(
    identity: FastAPI, browser: Browser, transactions: Database, amina: User
) -> None:
    await browser.sign_in(AMINA)
    await browser.post("/account/sign-out", data=await browser.form())
    await failed_before(transactions, str(amina.id), "192.0.2.0/24", 10)
    async with Browser(identity, address="192.0.2.200") as colleague:
        await colleague.sign_in(AMINA, "a wrong password")
        assert (await colleague.sign_in(AMINA)).status_code == 429
    # The same network, but a browser that has been hers before.
    assert (await browser.sign_in(AMINA)).status_code == 303


async def test_asvs_7_5_1_factors_change_only_after_a_fresh_proof(
    browser: Browser, database: ServiceDatabase, amina: User
) -> None:
    await browser.sign_in(AMINA)
    await pass_time(database, "11 minutes")
    for path in ("/account/authenticator", "/account/passkey", "/account/password"):
        assert (await browser.get(path)).headers["location"].startswith("/account/confirm")
    data = {**await browser.form(), "new_password": NEW_PASSWORD}
    answer = await browser.post("/account/password", data=data)
    assert answer.headers["location"].startswith("/account/confirm")
    assert (await confirm(browser, "not the password")).status_code == 401
    assert (await confirm(browser)).status_code == 303
    assert (await browser.get("/account/password")).status_code == 200


async def test_asvs_7_4_3_a_changed_password_signs_out_every_other_browser(
    identity: FastAPI, browser: Browser, amina: User
) -> None:
    async with Browser(identity) as other:
        await other.sign_in(AMINA)
        await browser.sign_in(AMINA)
        data = {**await browser.form(), "new_password": NEW_PASSWORD}
        without = await browser.post("/account/password", data=data)
        assert (without.status_code, "old_password-problem" in without.text) == (401, True)
        assert await is_in(other)
        data = {**hidden_fields(without.text), **data, "old_password": PASSWORD}
        assert (await browser.post("/account/password", data=data)).status_code == 303
        assert await is_in(browser)
        assert not await is_in(other)


async def test_asvs_7_5_2_one_sees_and_ends_ones_own_sessions_and_no_one_elses(
    identity: FastAPI, browser: Browser, transactions: Database, amina: User, boss: User
) -> None:
    async with Browser(identity) as other, Browser(identity) as stranger:
        await other.sign_in(AMINA)
        await stranger.sign_in(BOSS)
        await browser.sign_in(AMINA)
        own = re.findall(r"/account/sessions/([0-9a-f-]+)/end", await sessions_of(browser))
        foreign = re.findall(r'id="name-([0-9a-f-]+)"', await sessions_of(stranger))
        assert (len(own), len(foreign)) == (1, 1)
        for session_id in (*own, *foreign):
            data = await browser.form()
            await browser.post(f"/account/sessions/{session_id}/end", data=data)
        assert not await is_in(other)
        assert await is_in(stranger)
        async with transactions.unit_of_work(OPERATOR) as uow:
            assert await end_sessions(uow, user_id=boss.id) == 1
        assert not await is_in(stranger)


async def test_asvs_7_1_2_at_most_five_sessions_are_open_at_once(
    identity: FastAPI, amina: User
) -> None:
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(Browser(identity)) for _ in range(6)]
        for each in browsers:
            await each.sign_in(AMINA)
        assert [await is_in(each) for each in browsers] == [False] + [True] * 5


async def test_asvs_6_3_3_rights_that_come_later_ask_for_the_second_step_before_any_token(
    browser: Browser, transactions: Database, amina: User
) -> None:
    given = await browser.tokens(AMINA)
    async with transactions.unit_of_work(OPERATOR) as uow:
        moh = await find_organization_by_code(uow.session, "MOH")
        assert moh is not None
        async with acting_within(uow, moh):
            membership = await find_membership_of(uow.session, moh.id, amina.id)
            assert membership is not None
            membership.can_approve_plans = True
            await uow.flush()
    refused = await browser.refresh(given["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    waiting = (await browser.authorize()).headers["location"]
    assert waiting.startswith("/account/second-factor?continue=")
    assert (await browser.get(waiting)).headers["location"].startswith("/account/enrolment?")
